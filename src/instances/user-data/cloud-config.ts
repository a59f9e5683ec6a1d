import { parse } from 'yaml';
import { messageOf } from '../../kernel/errors.ts';
import type { Allowance } from './allowance.ts';
import { quoted } from './shell-words.ts';

export interface CloudConfig {
  readonly files: readonly ConfiguredFile[];
  /** Shell scripts; absent where there is nothing to run. */
  readonly bootCommands?: string;
  readonly runCommands?: string;
  /** What is left out, and why. */
  readonly refused: readonly string[];
}

export interface ConfiguredFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** Octal digits. */
  readonly mode: string;
  /** `user:group` */
  readonly owner: string;
  readonly append: boolean;
}

/**
 * Reads a `#cloud-config`: write_files, bootcmd and runcmd. Every other key is refused by name, and the rest holds.
 * https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 * @param allowance what its files and scripts may become: they may be packed, and repeat each other
 */
export function readCloudConfig(text: string, allowance: Allowance): CloudConfig {
  let config: unknown;
  try {
    // As cloud-init's parser reads it: 0644 is octal, and of two keys the last one holds.
    config = parse(text, { version: '1.1', maxAliasCount: 100, uniqueKeys: false });
  } catch (error) {
    return { files: [], refused: [`the cloud-config is not YAML: ${messageOf(error).split('\n')[0]}`] };
  }
  try {
    return readConfig(config, allowance);
  } catch (error) {
    return { files: [], refused: [`the cloud-config cannot be read: ${messageOf(error)}`] };
  }
}

function readConfig(config: unknown, allowance: Allowance): CloudConfig {
  if (config === null) return { files: [], refused: [] };
  if (!isRecord(config)) return { files: [], refused: ['the cloud-config is not a mapping'] };
  const refused: string[] = [];
  const { write_files: files, bootcmd, runcmd, ...others } = config;
  for (const key of Object.keys(others)) refused.push(`the key '${key}' of a cloud-config is not supported`);
  const bootCommands = scriptOf('bootcmd', bootcmd, { refused, allowance });
  const runCommands = scriptOf('runcmd', runcmd, { refused, allowance });
  return {
    files: listOf('write_files', files, refused).flatMap((one, index) => fileOf(one, index, { refused, allowance })),
    ...(bootCommands === undefined ? {} : { bootCommands }),
    ...(runCommands === undefined ? {} : { runCommands }),
    refused,
  };
}

interface Reading {
  readonly refused: string[];
  readonly allowance: Allowance;
}

/** A string is a line for the shell, a list one command with its arguments. */
function scriptOf(key: string, commands: unknown, { refused, allowance }: Reading): string | undefined {
  const lines = listOf(key, commands, refused).flatMap((command, index) => {
    const words = Array.isArray(command) ? command.map((word) => quoted(String(word))) : undefined;
    const given = typeof command === 'string' ? [command] : words;
    if (given) {
      allowance.take(given.reduce((sum, word) => sum + word.length, 0));
      return [given.join(' ')];
    }
    refused.push(`${key}[${index}] is neither a string nor a list`);
    return [];
  });
  return lines.length === 0 ? undefined : ['#!/bin/sh', ...lines, ''].join('\n');
}

function fileOf(value: unknown, index: number, { refused, allowance }: Reading): ConfiguredFile[] {
  const name = `write_files[${index}]`;
  const refuse = (why: string): [] => {
    refused.push(`${name}: ${why}`);
    return [];
  };
  if (!isRecord(value)) return refuse('it is not a mapping');
  const {
    path,
    content = '',
    permissions = '0644',
    owner = 'root:root',
    encoding,
    append,
    defer: _,
    ...others
  } = value;
  const [other] = Object.keys(others);
  if (other !== undefined) return refuse(`the key '${other}' is not supported`);
  if (typeof path !== 'string' || !path.startsWith('/')) return refuse('its path is not an absolute one');
  const mode = typeof permissions === 'number' ? permissions.toString(8) : String(permissions).replace(/^0o/, '');
  if (!/^[0-7]{3,5}$/.test(mode)) return refuse(`its permissions are not octal: ${String(permissions)}`);
  if (typeof owner !== 'string' || !/^[\w.-]+(:[\w.-]+)?$/.test(owner)) return refuse('its owner is not user:group');
  const given = typeof content === 'string' || Buffer.isBuffer(content) ? content : String(content);
  allowance.take(given.length);
  const bytes = decoded(given, encoding, allowance);
  if (typeof bytes === 'string') return refuse(bytes);
  return [{ path, bytes, mode, owner, append: append === true }];
}

function decoded(content: string | Buffer, encoding: unknown, allowance: Allowance): Buffer | string {
  const plain = Buffer.from(content as string);
  switch (encoding) {
    case undefined:
    case 'text/plain':
      return plain;
    case 'b64':
    case 'base64':
      return Buffer.from(plain.toString('latin1'), 'base64');
    case 'gz':
    case 'gzip':
      return unpacked(plain, allowance);
    case 'gz+b64':
    case 'gz+base64':
    case 'gzip+b64':
    case 'gzip+base64':
      return unpacked(Buffer.from(plain.toString('latin1'), 'base64'), allowance);
    default:
      return `its encoding is not supported: ${String(encoding)}`;
  }
}

function unpacked(bytes: Buffer, allowance: Allowance): Buffer | string {
  try {
    return allowance.unpack(bytes);
  } catch (error) {
    return `its content cannot be unpacked: ${messageOf(error)}`;
  }
}

function listOf(key: string, value: unknown, refused: string[]): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  refused.push(`${key} is not a list`);
  return [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
