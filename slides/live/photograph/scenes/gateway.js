const ana = await until(() => {
  const d = page.querySelector('#beside iframe').contentDocument;
  return d.querySelectorAll('#members li').length > 0 && d;
});
await say(ana, pt ? 'Olá, API Gateway!' : 'Hello, API Gateway!');
await until(() => page.querySelector('#journal').textContent.includes('"ack"'));
await sleep(700);
