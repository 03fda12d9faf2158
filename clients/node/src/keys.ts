// The names of an account's keys. The braces are part of them.

const ACCOUNT = /^[a-z0-9-]{1,32}$/;

export class Keys {
  constructor(readonly account: string) {
    if (!ACCOUNT.test(account)) {
      throw new TypeError(`"${account}" is no account: write 1 to 32 of the characters a-z, 0-9 and -`);
    }
  }

  named(name: string): string {
    return `antre:{${this.account}}:${name}`;
  }

  result(id: string): string {
    return this.named(`result:${id}`);
  }

  get inbox(): string {
    return this.named("inbox");
  }

  get ended(): string {
    return this.named("ended");
  }
}
