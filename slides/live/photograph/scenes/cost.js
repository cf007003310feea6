const users = await $('#month [name="users"]');
users.value = '5000';
users.dispatchEvent(new Event('input', { bubbles: true }));
await until(() => page.querySelector('figure img').src.includes('users=5000') && page.querySelector('figure img').complete);
