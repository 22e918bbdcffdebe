'use strict';
// A server on loopback: shows files, and keeps what it was sent.

const fs = require('node:fs');
const http = require('node:http');

function listen(files) {
  const posted = [];
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const path = request.url.split('?')[0];
      if (request.method === 'POST') {
        posted.push({ path, headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      }
      const file = request.method === 'GET' && files[path];
      response.writeHead(file || request.method === 'POST' ? 200 : 404);
      response.end(file ? fs.readFileSync(file) : '');
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({
      url: `http://127.0.0.1:${server.address().port}`,
      posted,
      close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); })
    }));
  });
}

module.exports = { listen };
