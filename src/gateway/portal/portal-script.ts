/**
 * What the portal does where JavaScript is on: it asks each desktop host, through the gateway, and says whether it
 * answers. It reads the words from the page, so it is the same in all languages. Any answer of DCV's web server will do,
 * as without the web client's files it answers 404. What the gateway knows of hosts (`agents.json`) comes first.
 */
export const PORTAL_SCRIPT = `
(() => {
  'use strict';
  const AT_ONCE = 6;
  const TIMEOUT = 8000;
  const EVERY = 30000;
  const list = document.getElementById('desktops');
  const rows = [...list.children];
  const words = list.dataset;
  const summary = document.getElementById('summary');
  const finder = document.getElementById('find');

  const ask = (path) => fetch(path, {
    cache: 'no-store',
    headers: { Accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT),
  });

  async function knownMarks() {
    try {
      const answer = await ask('/portal/agents.json');
      return answer.ok ? new Map(Object.entries(await answer.json())) : new Map();
    } catch {
      return new Map();
    }
  }

  async function stateOf(address, mark) {
    if (mark === 'maintenance') return 'maintenance';
    if (mark === 'down') return 'silent';
    try {
      const answer = await ask('/' + address + '/version');
      const text = await answer.text();
      if (answer.headers.get('Server') === 'dcv') return mark === 'draining' ? 'draining' : 'answers';
      if (answer.status === 401 || answer.status === 403) return 'closed';
      return JSON.parse(text).error.stage === 'maintenance' ? 'maintenance' : 'silent';
    } catch {
      return 'silent';
    }
  }

  function show(row, state) {
    row.dataset.state = state;
    const place = row.querySelector('.state');
    if (place.textContent !== words[state]) place.textContent = words[state];
    place.hidden = false;
  }

  function say(sentence, n) {
    const text = sentence.replace('{n}', n).replace('{total}', rows.length);
    if (summary.textContent !== text) summary.textContent = text;
  }

  let busy = false;
  async function checkAll() {
    if (busy || document.hidden) return;
    busy = true;
    const marks = await knownMarks();
    const queue = [...rows];
    const work = async () => {
      for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
        const { address } = row.dataset;
        show(row, await stateOf(address, marks.get(address)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (!finder || finder.value === '') sumUp();
    busy = false;
  }

  function sumUp() {
    say(words.summary, rows.filter(({ dataset }) => dataset.state === 'answers' || dataset.state === 'draining').length);
  }

  function filter() {
    const wanted = finder.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.dataset.find.includes(wanted);
    if (wanted === '') sumUp();
    else say(words.shown, rows.filter((row) => !row.hidden).length);
  }

  if (finder) {
    finder.closest('search').hidden = false;
    finder.addEventListener('input', filter);
  }
  for (const row of rows) show(row, 'checking');
  document.addEventListener('visibilitychange', checkAll);
  setInterval(checkAll, EVERY);
  checkAll();
})();
`;
