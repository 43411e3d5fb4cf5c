// storage.ts: the device's files in IndexedDB. What the module writes is gathered in memory and stored by commit(), in
// one transaction, durably; the wrap key is stored under a key of this browser that no script can read out.
import { DeviceFailure } from './failure';
import type { LostReason } from './types';

const databaseName = 'heqi.device';
const table = 'records';
export const stateStore = 0;
export const keyStore = 1;

interface Sealed {
  iv: Uint8Array;
  content: ArrayBuffer;
}
type Change = { key: string; content: Uint8Array | null };

export class DeviceStorage {
  private readonly files = new Map<string, Uint8Array>();
  private readonly changes = new Map<string, Change>();

  private constructor(
    private readonly database: IDBDatabase,
    private browserKey: CryptoKey | null,
    private revision: number,
  ) {}

  // load reads all files. Gives why the device is lost where it cannot be used any more; marked tells that this origin
  // had a device before.
  static async load(marked: boolean): Promise<DeviceStorage | LostReason> {
    const database = await openDatabase();
    const records = await readAll(database);
    const browserKey = (records.get('browser_key') as CryptoKey | undefined) ?? null;
    const storage = new DeviceStorage(database, browserKey, (records.get('revision') as number | undefined) ?? 0);
    for (const [key, value] of records) {
      if (key.startsWith(`${stateStore}/`)) storage.files.set(key, value as Uint8Array);
    }
    const sealed = [...records].filter(([key]) => key.startsWith(`${keyStore}/`)) as [string, Sealed][];
    const retired = storage.files.has(`${stateStore}/msd.retired`);
    const reason = await storage.unseal(sealed, retired, marked);
    if (reason) {
      database.close();
      return reason;
    }
    return storage;
  }

  private async unseal(sealed: [string, Sealed][], retired: boolean, marked: boolean): Promise<LostReason | null> {
    if (retired) return null;
    if (this.files.size === 0 && sealed.length === 0) return marked ? 'evicted' : null;
    if (!this.browserKey || sealed.length === 0) return 'key_missing';
    try {
      for (const [key, { iv, content }] of sealed) {
        const algorithm = { name: 'AES-GCM', iv: asBuffer(iv), additionalData: contextOf(key) };
        this.files.set(key, new Uint8Array(await crypto.subtle.decrypt(algorithm, this.browserKey, content)));
      }
      return null;
    } catch {
      return 'damaged';
    }
  }

  // erase removes everything of the device, and the browser's key with it.
  static async erase(): Promise<void> {
    const database = await openDatabase();
    const transaction = database.transaction(table, 'readwrite', { durability: 'strict' });
    const records = transaction.objectStore(table);
    const read = records.get('revision');
    read.onsuccess = () => {
      records.clear();
      records.put(((read.result as number | undefined) ?? 0) + 1, 'revision'); // other tabs notice
    };
    await completed(transaction);
    database.close();
  }

  read(store: number, name: string): Uint8Array | null {
    return this.files.get(`${store}/${name}`) ?? null;
  }
  write(store: number, name: string, content: Uint8Array): void {
    this.change({ key: `${store}/${name}`, content });
  }
  remove(store: number, name: string): void {
    this.change({ key: `${store}/${name}`, content: null });
  }

  private change(change: Change): void {
    this.changes.set(change.key, change);
    if (change.content) this.files.set(change.key, change.content);
    else this.forget(change.key);
  }

  // forgetKeys wipes the copies of the wrap key, also one that is to be stored: called after commit.
  forgetKeys(): void {
    for (const key of [...this.files.keys()]) if (key.startsWith(`${keyStore}/`)) this.forget(key);
  }
  private forget(key: string): void {
    this.files.get(key)?.fill(0);
    this.files.delete(key);
  }

  // commit stores what was written since the last commit, all or nothing. Fails with 'device.superseded' where another
  // tab has stored since, 'storage' where the browser did not store: then nothing may leave.
  async commit(): Promise<void> {
    if (this.changes.size === 0) return;
    const changes = [...this.changes.values()];
    this.changes.clear();
    try {
      await this.store(await this.prepare(changes));
    } catch (failure) {
      if (failure instanceof DeviceFailure) throw failure;
      throw new DeviceFailure('storage', String(failure));
    }
  }

  close(): void {
    this.forgetKeys();
    this.database.close();
  }

  // prepare seals the wrap key; a transaction would end while that is waited for.
  private async prepare(changes: Change[]): Promise<Map<string, unknown>> {
    const records = new Map<string, unknown>();
    for (const { key, content } of changes) {
      if (!key.startsWith(`${keyStore}/`)) {
        records.set(key, content);
        continue;
      }
      if (content) records.set(key, await this.seal(key, content));
      else records.set(key, null);
      records.set('browser_key', content ? this.browserKey : null);
    }
    return records;
  }

  private async seal(key: string, content: Uint8Array): Promise<Sealed> {
    this.browserKey = (await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
      'encrypt',
      'decrypt',
    ])) as CryptoKey;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const algorithm = { name: 'AES-GCM', iv, additionalData: contextOf(key) };
    return { iv, content: await crypto.subtle.encrypt(algorithm, this.browserKey, asBuffer(content)) };
  }

  private async store(changes: Map<string, unknown>): Promise<void> {
    const transaction = this.database.transaction(table, 'readwrite', { durability: 'strict' });
    const records = transaction.objectStore(table);
    let superseded = false;
    const read = records.get('revision');
    read.onsuccess = () => {
      if (((read.result as number | undefined) ?? 0) !== this.revision) {
        superseded = true;
        transaction.abort();
        return;
      }
      for (const [key, value] of changes) {
        if (value === null) records.delete(key);
        else records.put(value, key);
      }
      records.put(this.revision + 1, 'revision');
    };
    try {
      await completed(transaction);
    } catch (failure) {
      if (superseded) throw new DeviceFailure('device.superseded', 'another tab has used the device');
      throw failure;
    }
    this.revision += 1;
  }
}

function contextOf(key: string): Uint8Array<ArrayBuffer> {
  return asBuffer(new TextEncoder().encode(`heqi device ${key}`));
}

function asBuffer(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return octets as Uint8Array<ArrayBuffer>; // never a SharedArrayBuffer here
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(new DeviceFailure('storage', String(request.error)));
    request.onblocked = () => reject(new DeviceFailure('storage', 'the database is held by another tab'));
  });
}

function readAll(database: IDBDatabase): Promise<Map<string, unknown>> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, unknown>();
    const transaction = database.transaction(table, 'readonly');
    const cursor = transaction.objectStore(table).openCursor();
    cursor.onsuccess = () => {
      if (!cursor.result) return;
      found.set(String(cursor.result.key), cursor.result.value);
      cursor.result.continue();
    };
    transaction.oncomplete = () => resolve(found);
    transaction.onerror = () => reject(new DeviceFailure('storage', String(transaction.error)));
    transaction.onabort = () => reject(new DeviceFailure('storage', String(transaction.error)));
  });
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error('the transaction failed'));
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was ended'));
  });
}
