// DeviceFailure is a call that did not go well. id: an id of docs/errors.md as device or platform told it, or
// 'offline' (nothing answered), 'timeout', 'strange' (an answer without problem+json), 'device.pin_differs',
// 'device.superseded' (another tab took over), 'device.crashed', 'device.closed', 'storage' (not written: nothing left).
export class DeviceFailure extends Error {
  constructor(
    readonly id: string,
    readonly detail: string,
  ) {
    super(`${id}: ${detail}`);
    this.name = 'DeviceFailure';
  }
}
