// codec_node: what the tests of the small parts need, for node.
export { encodeCommand, parseReply } from '../device/commands';
export { DerReader, DerWriter } from '../device/der';
export { fillGap, findGap, signedParts } from '../device/byte_range';
export { parsePins } from '../device/pins';
export { DeviceFailure } from '../device/failure';
export { DeviceModule } from '../device/module';
export { hexOf, octetsOf } from './replay';
export { qrCode } from '../shared/qr';
