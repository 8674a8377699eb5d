import { render } from 'preact';
import { App } from './app.js';
import { Store } from './store.js';

/** The token has become a cookie: it need not stay in the address, the history and what is copied from there. */
if (location.search !== '') history.replaceState(null, '', '/');

const draw = () => render(<App store={store} />, document.body);
const store = new Store(draw);
draw();
