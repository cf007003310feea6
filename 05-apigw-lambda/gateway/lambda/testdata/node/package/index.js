export const handler = async () => 'an ES module in a .js file';
