export const echo = async (event) => event;
