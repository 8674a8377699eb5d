import { useMemo } from 'preact/hooks';
import type { Message } from '../live-state.js';

/** Notes, warnings and errors of the training, oldest first. */
export function Messages({ messages }: { messages: readonly Message[] }) {
  return useMemo(() => <List messages={messages} />, [messages]);
}

function List({ messages }: { messages: readonly Message[] }) {
  if (messages.length === 0) return null;
  return (
    <section aria-labelledby="messages-title">
      <h2 id="messages-title">Messages</h2>
      <ul class="messages">
        {messages.map(({ kind, text }, i) => (
          <li key={i} class={kind}>
            <strong>{kind}</strong> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
