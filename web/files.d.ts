// files.d.ts: what vite makes of an import with ?url, ?worker or a style sheet.
declare module '*?url' {
  const url: string;
  export default url;
}
declare module '*.css';
