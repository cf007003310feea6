exports.handler = async () => 'a .cjs file';
