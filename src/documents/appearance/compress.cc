#include <heqi/documents/appearance/compress.h>

#include <zlib.h>

#include <heqi/base/result.h>

namespace heqi::documents::appearance {

base::Bytes compress(base::ByteView plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  base::Bytes out(size);
  HEQI_CHECK(compress2(out.data(), &size, plain.data(), static_cast<uLong>(plain.size()), 9) ==
             Z_OK);
  out.resize(size);
  return out;
}

pdf::NewObject make_stream(pdf::Dictionary dictionary, base::ByteView plain) {
  dictionary.set("Filter", pdf::Name{"FlateDecode"});
  return {std::move(dictionary), compress(plain)};
}

}  // namespace heqi::documents::appearance
