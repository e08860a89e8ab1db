// What `node --test` found out, one JSON line a test, for BrowserSuite: {"begun"} when one starts, {"name","millis","failure"|"skipped"} at its end.
export default async function* reporter(source) {
  for await (const { type, data } of source) {
    if (type === 'test:dequeue' || type === 'test:start') { // Node.js 18 knows only the second, which waits for its turn
      yield line({ begun: data.name });
    } else if ((type === 'test:pass' || type === 'test:fail') && isTest(data)) {
      const result = { name: data.name, millis: Math.round(data.details.duration_ms) };
      if (type === 'test:fail') {
        result.failure = story(data.details.error);
      } else if (data.skip !== undefined) {
        result.skipped = String(data.skip === true ? '' : data.skip);
      }
      yield line(result);
    }
  }
}

// A suite or a file counts only by what failed outside its tests.
function isTest({ details, name }) {
  const whole = details.type === 'suite' || name.endsWith('.test.mjs');
  return details.error ? details.error.failureType !== 'subtestsFailed' : !whole;
}

function story(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause?.message ?? cause);
}

function line(object) {
  return JSON.stringify(object) + '\n';
}
