// Our inflater and zlib: the same verdict, the same octets, the same count of octets used.
// uses: heqi_documents_pdf ZLIB::ZLIB
// covers: src/documents/pdf/inflate.cc
#include <heqi/documents/pdf/inflate.h>

#include <zlib.h>

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t size_max = std::size_t{1} << 16;
  const auto ours = heqi::documents::pdf::inflate_zlib({data, size}, size_max);
  heqi::base::Bytes theirs(size_max + 1);
  z_stream state{};
  HEQI_CHECK(inflateInit(&state) == Z_OK);
  state.next_in = const_cast<Bytef*>(data);
  state.avail_in = static_cast<uInt>(size);
  state.next_out = theirs.data();
  state.avail_out = static_cast<uInt>(theirs.size());
  const bool ended = inflate(&state, Z_FINISH) == Z_STREAM_END && state.total_out <= size_max;
  const std::size_t used = state.total_in;
  theirs.resize(std::min<std::size_t>(state.total_out, theirs.size()));
  inflateEnd(&state);
  HEQI_CHECK(ours.has_value() == ended);
  if (ended) HEQI_CHECK(ours->octets == theirs && ours->used == used);
  return 0;
}
