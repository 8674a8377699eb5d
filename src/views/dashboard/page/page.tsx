import { render } from 'preact';
import { App } from './app.js';
import { Store } from './store.js';

/** Removes the token, which is a cookie now, from the address, so that it does not get into the history or copied links. */
if (location.search !== '') history.replaceState(null, '', '/');

const draw = () => render(<App store={store} />, document.body);
const store = new Store(draw);
draw();
