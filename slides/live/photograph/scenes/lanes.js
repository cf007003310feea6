await until(() => [...page.querySelectorAll('.lane .n')].length === 4
  && [...page.querySelectorAll('.lane .n')].every((n) => Number(n.innerText) >= 20));
