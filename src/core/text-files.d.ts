/** Scripts that run inside containers are files of their own; the bundler and vitest hand them out as text. */
declare module '*.py' {
  const text: string;
  export default text;
}
declare module '*.sh' {
  const text: string;
  export default text;
}
