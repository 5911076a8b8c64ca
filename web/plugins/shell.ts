import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** Tells the service worker which files make the app's shell, and gives that set a version of its own. */
export function shell(): Plugin {
  return {
    name: 'shell',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') this.error('the build holds no service worker');
      if (worker.imports.length > 0) this.error('the service worker must stand alone, but imports ' + worker.imports.join(', '));
      const files = Object.keys(bundle).filter((name) => name !== 'sw.js' && !name.endsWith('.png') && !name.endsWith('.html'));
      const hash = createHash('sha256');
      for (const item of Object.values(bundle)) hash.update(item.type === 'chunk' ? item.code : item.source);
      const list = { version: hash.digest('hex').slice(0, 12), files: ['/index.html', '/manifest.webmanifest', ...files.map((name) => '/' + name)] };
      worker.code = worker.code.replace('__SHELL__', JSON.stringify(list));
      if (!worker.code.includes(list.version)) this.error('the service worker does not ask for its list of files');
    },
  };
}
