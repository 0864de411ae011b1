#!/usr/bin/env node
// Exits 0 if this URL answers well: for containers, whose images bring no other program that could ask.
const [url] = process.argv.slice(2);

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
} catch (error) {
  const { message, cause } = error;
  console.error(`${message}${cause ? `: ${cause.message}` : ''}`);
  process.exitCode = 1;
}
