// Events of one session, kept so that a client can have again what it missed.
export class EventStore {
  #events = []; // {id, stream, message}; ids count from 1 over all streams

  async storeEvent(stream, message) {
    const id = `${this.#events.length + 1}`;
    this.#events.push({ id, stream, message });
    return id;
  }

  async getStreamIdForEventId(id) {
    return this.#events[Number(id) - 1]?.stream;
  }

  async replayEventsAfter(last, { send }) {
    const { stream } = this.#events[Number(last) - 1];
    for (const event of this.#events.slice(Number(last))) {
      if (event.stream === stream && Object.keys(event.message).length > 0) await send(event.id, event.message);
    }
    return stream;
  }
}
