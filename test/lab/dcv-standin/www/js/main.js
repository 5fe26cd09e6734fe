// Viewer of the DCV stand-in: a test double, not Amazon DCV.
//
// It opens what DCV's client opens: the WebSocket `auth`, then one WebSocket `ws` for each channel, all with the
// subprotocol `dcv` and all below the page's own path. What it finds is told in document.body.dataset.state
// (connecting, login, connected, no-session, closed) and, for people, in #message.
import RFB from './lib/novnc/core/rfb.js';

// As the Web Client SDK does it: the page's address without query and fragment, without slashes at the end.
const base = (location.origin + location.pathname).replace(/^http/, 'ws').replace(/\/+$/, '');
const authenticationToken = new URLSearchParams(location.search).get('authToken') ?? undefined;
const wanted = location.hash.length > 1 ? decodeURIComponent(location.hash.slice(1)) : null;

const element = (id) => document.getElementById(id);

function show(state, message) {
  document.body.dataset.state = state;
  element('message').textContent = message;
}

function open(name) {
  return new WebSocket(`${base}/${name}`, 'dcv');
}

/** Asks `auth` for the session's token. Credentials are sent when the server wants them. */
function authenticate() {
  const socket = open('auth');
  const ask = (credentials) =>
    socket.send(JSON.stringify({ sessionId: wanted, authenticationToken, ...credentials }));
  socket.onopen = () => ask({});
  socket.onclose = () => {
    if (document.body.dataset.state === 'connecting') show('closed', 'The connection has been closed.');
  };
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(data);
    if (answer.result === 'ok') {
      element('login').hidden = true;
      socket.onclose = null;
      socket.close();
      connect(answer);
    } else if (['CREDENTIALS_REQUESTED', 'WRONG_CREDENTIALS'].includes(answer.error)) {
      show('login', answer.message);
      element('login').hidden = false;
      element('login').onsubmit = (event) => {
        event.preventDefault();
        ask(Object.fromEntries(new FormData(element('login'))));
      };
    } else {
      show('no-session', answer.message);
      document.body.dataset.error = answer.error;
    }
  };
}

/** Opens the main channel, then the display. */
function connect({ sessionId, authToken, host }) {
  element('host').textContent = host;
  element('session').textContent = sessionId;
  document.title = `${host}: ${sessionId}`;
  document.body.dataset.host = host;
  document.body.dataset.session = sessionId;
  const main = open('ws');
  main.onopen = () => main.send(JSON.stringify({ channel: 'main', sessionId, authToken }));
  main.onclose = () => {
    if (document.body.dataset.state !== 'closed')
      show('closed', 'The connection has been closed. Transport error');
  };
  main.onmessage = ({ data }) => {
    const answer = JSON.parse(data);
    if (answer.result !== 'ok') {
      show('closed', answer.message);
      document.body.dataset.error = answer.error;
      return;
    }
    display({ sessionId, authToken, connectionId: answer.connectionId });
  };
}

/** The desktop. The request goes out before noVNC says anything: in RFB the server speaks first. */
function display(request) {
  const socket = open('ws');
  socket.addEventListener('open', () => socket.send(JSON.stringify({ channel: 'display', ...request })));
  const rfb = new RFB(element('screen'), socket);
  rfb.scaleViewport = true;
  rfb.addEventListener('connect', () => {
    show('connected', '');
    rfb.focus();
  });
  rfb.addEventListener('disconnect', () => {
    if (document.body.dataset.state !== 'closed') show('closed', 'The connection has been closed.');
  });
}

addEventListener('hashchange', () => location.reload());
authenticate();
