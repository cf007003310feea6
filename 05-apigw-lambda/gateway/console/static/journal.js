// What happened, grouped by what caused it, without a page: a handshake, a
// client's message, a connection's end, or a call of the @connections API.
//
// Events of one request bear its name. Those that have none are placed by
// what they say: a connection was opened by its last handshake; and a call of
// the @connections API is a group of its own, noted as well with the requests
// that were running meanwhile, because one of them has probably made it.

export const most = 500; // groups that are remembered

const quietCodes = [1000, 1001, 1005]; // of a close that nobody needs to worry about

export class Journal {
  groups = [];
  #requests = new Map();
  #handshakes = new Map(); // the last group of each connection that is not open yet
  #running = new Set();
  #made = 0;

  // add takes an event, and returns the groups that it changed.
  add(event) {
    if (event.kind === 'posted') return [this.#posted(event), ...this.#running];
    const group = this.#groupOf(event);
    group.events.push(event);
    tellers[event.kind]?.(group, event);
    if (event.kind === 'opened' || event.kind === 'refused') this.#handshakes.delete(event.connection);
    if (event.kind === 'invoked') this.#running.add(group);
    if (event.kind === 'answered') this.#running.delete(group);
    return [group];
  }

  clear() {
    this.groups = [];
    this.#requests.clear();
    this.#handshakes.clear();
    this.#running.clear();
  }

  #groupOf(event) {
    const known = event.request ? this.#requests.get(event.request) : this.#handshakes.get(event.connection);
    if (known) return known;
    const group = this.#begin(kindOf(event), event);
    if (event.request) this.#requests.set(event.request, group);
    if (group.kind === 'connect') this.#handshakes.set(event.connection, group);
    return group;
  }

  #posted(event) {
    const group = this.#begin('post', event);
    group.events.push(event);
    Object.assign(group, { text: event.text, size: event.size, status: event.status, why: event.why, method: event.method, failed: event.status >= 400 });
    for (const running of this.#running) {
      running.events.push(event);
      if (this.#running.size > 1) running.shared = true; // it is anybody's guess whose it was
    }
    return group;
  }

  #begin(kind, event) {
    const group = { key: ++this.#made, kind, at: new Date(event.at), connection: event.connection ?? '', request: event.request, events: [], failed: false };
    this.groups.push(group);
    if (this.groups.length > most) this.#forget(this.groups.shift());
    return group;
  }

  #forget(group) {
    this.#requests.delete(group.request);
    this.#running.delete(group);
    if (this.#handshakes.get(group.connection) === group) this.#handshakes.delete(group.connection);
  }
}

// kindOf is the kind of the group that an event begins. For whoever came in
// the middle it may be any event.
function kindOf(event) {
  if (event.kind === 'closed' || event.route === '$disconnect') return 'disconnect';
  if (['opened', 'refused', 'authorized'].includes(event.kind) || event.route === '$connect') return 'connect';
  return 'message';
}

// tellers say what an event means for its group.
const tellers = {
  opened(group, event) {
    Object.assign(group, { route: '$connect', text: event.text, status: event.status });
  },
  refused(group, event) {
    Object.assign(group, { route: '$connect', text: event.text, status: event.status, why: event.why, failed: true });
  },
  authorized(group) {
    group.route = '$connect';
  },
  message(group, event) {
    Object.assign(group, { text: event.text, size: event.size });
  },
  routed(group, event) {
    Object.assign(group, { route: event.route, why: event.why, failed: !event.route });
  },
  invoked(group, event) {
    Object.assign(group, { route: event.route, integration: event.integration, function: event.function });
  },
  answered(group, event) {
    const { route, integration, micros, cold, environment, status, error } = event;
    Object.assign(group, { route, integration, function: event.function, micros, cold, environment, error });
    if (group.kind === 'message' && status) group.status = status;
    group.failed ||= Boolean(error) || status >= 400;
    group.warned = event.warnings?.length > 0;
  },
  sent(group, event) {
    const byGateway = group.kind === 'message' && group.micros === undefined; // which speaks only of errors
    group.failed ||= Boolean(event.error) || byGateway;
  },
  closed(group, event) {
    Object.assign(group, { route: '$disconnect', status: event.status, why: event.why, failed: !quietCodes.includes(event.status) });
  },
};

// takes is the route that an event has taken, the moment it does.
export function takes(event) {
  if (event.kind === 'routed') return event.route;
  if (event.kind === 'invoked' && event.route.startsWith('$') && event.route !== '$default') return event.route;
  return undefined;
}
