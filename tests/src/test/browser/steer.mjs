// What others do meanwhile, by ShopSteering: operators, the payment side, other shoppers.
import assert from 'node:assert/strict';
import { env } from './rig.mjs';

async function done(what) {
  const answer = await fetch(env('STEER'), { method: 'POST', body: JSON.stringify(what) });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return JSON.parse(text);
}

export const admin = (address, body) => done({ do: 'admin', address, body });

/** A published item; `more`: opensInMs, session, item (members that differ from a plain one). */
export const openItem = async (stock, more = {}) => (await done({ do: 'open', stock, ...more })).item;
export const shake = (user, item, key = 'k') => done({ do: 'shake', user, item, key });
export const pay = (order, amount = 100, currency = 'CNY') => done({ do: 'pay', order, amount, currency });

export const sql = (sql) => done({ do: 'sql', sql });

/** The cookie that the shop would have set. */
export async function signIn(context, user) {
  const { token } = await done({ do: 'login', user });
  await context.addCookies([{ name: 'stampede', value: token, url: env('SHOP'), httpOnly: true, sameSite: 'Strict' }]);
}
