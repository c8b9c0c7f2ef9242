// A relying party as small as it gets, on the installed packages: reads environment and door, serves on a free port, says where.
const { readFileSync } = require('node:fs');
const { createRelyingParty, memoryTransactionStore } = require('@jpki-rp/node-sdk');
const { parseDoorProfile } = require('@jpki-rp/node-sdk/door');
const { jpki } = require('@jpki-rp/node-sdk/express');
const { createVerifier, loadEnvironment, ocspSource } = require('@jpki-rp/verifier');
const { createFetcher, environmentHosts } = require('@jpki-rp/verifier/net');
const express = require('express');

const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const app = express();
const server = app.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const environment = loadEnvironment(given.environment);
  const fetcher = createFetcher({ allowedHosts: environmentHosts(environment) });
  const verifier = createVerifier({
    environment,
    role: 'verifier',
    revocation: { sources: [ocspSource({ fetcher })], policy: { mode: 'ocspcheck' } },
  });
  const rp = createRelyingParty({
    origin,
    name: { ja: 'みほん銀行', en: 'Mihon Bank' },
    verifier,
    door: parseDoorProfile(given.door),
    transactions: memoryTransactionStore(),
    operations: {
      login: {
        policy: { name: { ja: 'ログイン', en: 'Log in' }, purpose: 'user-authentication', carriers: ['smartphone', 'card'] },
        onOutcome: (outcome) => ({ class: outcome.result === 'identified' ? outcome.verdict.class : null }),
      },
    },
  });
  app.use('/jpki', jpki(rp));
  console.log(`listening ${origin}`);
});
