// The proof once more, computed by this browser.

export async function accept(key) {
  const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const text = new TextEncoder().encode(key + guid);
  const sum = await crypto.subtle.digest('SHA-1', text);
  return btoa(String.fromCharCode(...new Uint8Array(sum)));
}
