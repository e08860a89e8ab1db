// Two edges, two owners: what operators see of all of them on any one. Settings of ClusterIT: EDGE_1, EDGE_2 (where shoppers go),
// CONSOLE_1, CONSOLE_2, ANN (token of an admin), ITEM (on sale).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertNoFaults, desk, env, open, picture, until } from './rig.mjs';

const EDGES = [env('EDGE_1'), env('EDGE_2')];
const CONSOLES = [env('CONSOLE_1'), env('CONSOLE_2')];
const ITEM = env('ITEM');

let shoppers;
const contexts = [];
const consoles = [];

before(async () => {
  shoppers = await desk();
  for (const at of CONSOLES) { // a cookie knows no port: one profile each
    const context = await desk();
    contexts.push(context);
    const page = await open(context, at);
    await page.getByLabel('Operator token').fill(env('ANN'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.tile').first().waitFor();
    consoles.push(page);
  }
});
after(() => Promise.all([shoppers, ...contexts].map((context) => context.close())));

const figure = async (page, name) => Number((await page.locator(`[data-figure="${name}"] .value`).innerText()).replaceAll(',', ''));

/** Sockets of one shopper at one edge, which shakes by the first of them; stay open with the page. */
async function shake(edge, user, sockets) {
  const page = await open(shoppers, `${edge}/api/v1/time`);
  const outcome = await page.evaluate(async ([user, item, sockets]) => {
    const body = JSON.stringify({ user });
    const { token } = await (await fetch('/dev/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
    const line = async () => {
      const { ticket } = await (await fetch('/api/v1/tickets', { method: 'POST', headers: { authorization: `Bearer ${token}` } })).json();
      const socket = new WebSocket(`ws://${location.host}/shake?ticket=${ticket}`, 'shake.v1');
      await new Promise((opened) => { socket.onopen = opened; });
      return socket;
    };
    const lines = [];
    for (let i = 0; i < sockets; i++) {
      lines.push(await line());
    }
    return new Promise((told) => {
      lines[0].onmessage = ({ data }) => data.includes('"outcome"') && told(JSON.parse(data).outcome);
      lines[0].send(JSON.stringify({ type: 'shake', key: 'b-1', item, quantity: 1 }));
    });
  }, [user, ITEM, sockets]);
  assert.equal(outcome, 'accepted');
}

test('the figures of both edges are one picture, on each of them, a second old', async () => {
  const before = await figure(consoles[0], 'units held');
  await shake(EDGES[0], 'both-1', 2);
  await shake(EDGES[1], 'both-2', 3);

  for (const page of consoles) {
    await until(async () => (await figure(page, 'sockets')) === 5, 'five sockets');
    await until(async () => (await figure(page, 'units held')) === before + 2, 'two more held');
    const rows = page.locator('section[aria-labelledby=edges-title] tbody tr');
    await until(async () => (await rows.count()) === 2, 'two edges');
    const shown = (await rows.allInnerTexts()).map((row) => row.split('\t').map((cell) => cell.trim()));
    assert.deepEqual(shown.map(([edge, sockets]) => `${edge} ${sockets}`), ['edge-1 2', 'edge-2 3']);
    assert.ok(shown.every((row) => /^(< 1|1|2) s$/.test(row.at(-1))), JSON.stringify(shown));
  }
  await picture(consoles[1], 'console-two-edges');
});

test('a partition is handed over by its button, and the other edge sees it too', async () => {
  for (const page of consoles) {
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Cluster' }).click();
    await page.locator('tr[data-partition="3"]').waitFor();
  }
  const owner = (page) => page.locator('tr[data-partition="3"] td').nth(2).innerText();
  const before = await owner(consoles[0]);
  const dialog = consoles[0].getByRole('dialog');
  await consoles[0].getByRole('button', { name: 'Hand over partition 3', exact: true }).click();
  await dialog.getByLabel('Reason').fill('a disk is to be changed');
  await dialog.getByRole('button', { name: 'Hand over' }).click();
  await dialog.getByText('Done.').waitFor();
  await dialog.getByText(/In the audit as #\d+: ann, .*a disk is to be changed/).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).first().click();

  for (const page of consoles) {
    await until(async () => /^sale-[123]$/.test(await owner(page)) && (await owner(page)) !== before, 'another owner');
    assertNoFaults(page);
  }
});
