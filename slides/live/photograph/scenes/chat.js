const [ana, bia] = await until(() => {
  const both = [...page.querySelectorAll('iframe')].map((f) => f.contentDocument);
  return both.length === 2 && both.every((d) => d.querySelectorAll('#members li').length === 2) && both;
});
await say(ana, pt ? 'Oi, Bia! Você recebe isto na hora?' : 'Hi, Bia! Do you get this at once?');
await say(bia, pt ? 'Na hora. E eu não perguntei nada ao servidor.' : 'At once. And I did not ask the server for it.');
await say(ana, pt ? 'Ele fala quando quer: full-duplex.' : 'It speaks whenever it likes: full-duplex.');
await say(bia, pt ? 'Por uma única conexão TCP.' : 'Over a single TCP connection.');
bia.querySelector('#text').blur();
