await until(() => !page.querySelector('#story').hidden && page.querySelectorAll('#rules li').length > 0);
await sleep(500);
