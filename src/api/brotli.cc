#include "brotli.h"

#include <brotli/decode.h>

namespace heqi::api {

bool is_brotli_of(base::ByteView compressed, base::ByteView plain) {
  base::Bytes out(plain.size() + 1);  // one more: what is longer is seen
  std::size_t size = out.size();
  if (BrotliDecoderDecompress(compressed.size(), compressed.data(), &size, out.data()) !=
      BROTLI_DECODER_RESULT_SUCCESS)
    return false;
  return base::same_bytes(base::ByteView(out).first(size), plain);
}

}  // namespace heqi::api
