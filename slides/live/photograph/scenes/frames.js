(await $('#message')).value = pt ? 'Olá, mundo' : 'Hello, world';
await until(() => !page.querySelector('#composer button').disabled && page.querySelector('#status').innerText);
page.querySelector('#composer').requestSubmit();
await until(() => page.querySelectorAll('#strip li').length >= 2 && page.querySelectorAll('.diagram').length >= 2);
await sleep(500);
