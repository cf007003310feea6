// How a connection is told from the others: by a short name and a colour.

// short is the beginning of a connection's ID, which is enough to tell them
// apart.
export const short = (connection) => connection.slice(0, 6);

const tints = new Map();

// tint gives each connection a colour, in turn.
export function tint(connection) {
  if (!connection) return '';
  if (!tints.has(connection)) tints.set(connection, tints.size % 6);
  return tints.get(connection);
}
