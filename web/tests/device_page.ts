// device_page: the device's interface for a test that drives it from outside.
import * as device from '../device/index';

declare global {
  interface Window {
    heqiDevice: typeof device;
  }
}

window.heqiDevice = device;
