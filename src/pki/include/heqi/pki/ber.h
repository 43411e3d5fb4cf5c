// heqi/pki/ber.h: messages that other programs write with indefinite lengths (X.690 §8.1.3.6), read
// as what they would be with definite ones. Nothing else of BER is taken.
#pragma once
#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::pki {

// Message is one element of a padded container.
struct PaddedMessage {
  base::Bytes der;
  bool was_indefinite = false;  // anywhere in it
};

// read_padded takes the first element of padded, where only zero octets follow it. Elements of
// definite length stay octet for octet, so that what was signed inside stays what it was. Fails
// with malformed (also for a length that is not the shortest), limit_exceeded (32 levels).
base::Result<PaddedMessage> read_padded(base::ByteView padded);

}  // namespace heqi::pki
