// oxlint-disable-next-line no-console
console.log('a');
// oxlint-disable-next-line no-console -- a demonstration
console.log('b');
