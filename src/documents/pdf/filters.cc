// Stream filters (ISO 32000-2 §7.4): Flate and LZW with predictors, ASCIIHex, ASCII85, RunLength.
#include <algorithm>
#include <cstdlib>

#include <heqi/documents/pdf/inflate.h>

#include "structure.h"

namespace heqi::documents::pdf {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

base::Error bad(std::string_view filter, std::size_t at, std::string_view problem) {
  return fail(Code::malformed, std::string(filter) + " data at octet " + std::to_string(at) + ": " +
                                   std::string(problem));
}

base::Error too_long(std::size_t size_max) {
  return fail(Code::limit_exceeded,
              "a stream decodes to more than " + std::to_string(size_max) + " octets");
}

base::Result<Bytes> undo_hexadecimal(ByteView in) {
  Bytes out;
  int high = -1;
  for (std::size_t at = 0; at < in.size(); ++at) {
    const std::uint8_t octet = in[at];
    if (is_space(octet)) continue;
    if (octet == '>') {
      if (high >= 0) out.push_back(static_cast<std::uint8_t>(high << 4));
      return out;
    }
    int digit = -1;
    if (octet >= '0' && octet <= '9') digit = octet - '0';
    if (octet >= 'a' && octet <= 'f') digit = octet - 'a' + 10;
    if (octet >= 'A' && octet <= 'F') digit = octet - 'A' + 10;
    if (digit < 0) return bad("ASCIIHex", at, "no hexadecimal digit");
    if (high < 0) {
      high = digit;
    } else {
      out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bad("ASCIIHex", in.size(), "no > at the end");
}

base::Result<Bytes> undo_ascii85(ByteView in) {
  Bytes out;
  std::uint64_t group = 0;
  int count = 0;
  const auto put = [&](int octets) {
    for (int i = 0; i < octets; ++i)
      out.push_back(static_cast<std::uint8_t>(group >> (24 - 8 * i)));
  };
  for (std::size_t at = 0; at < in.size(); ++at) {
    const std::uint8_t octet = in[at];
    if (is_space(octet)) continue;
    if (octet == 'z' && count == 0) {
      out.insert(out.end(), 4, 0);
      continue;
    }
    if (octet == '~') {
      if (at + 1 >= in.size() || in[at + 1] != '>') return bad("ASCII85", at, "~ without >");
      if (count == 1) return bad("ASCII85", at, "a last group of one character");
      if (count > 0) {
        for (int i = count; i < 5; ++i) group = group * 85 + 84;
        if (group > 0xFFFFFFFF) return bad("ASCII85", at, "group out of range");
        put(count - 1);
      }
      return out;
    }
    if (octet < '!' || octet > 'u') return bad("ASCII85", at, "character out of range");
    group = group * 85 + (octet - '!');
    if (++count == 5) {
      if (group > 0xFFFFFFFF) return bad("ASCII85", at, "group out of range");
      put(4);
      group = 0, count = 0;
    }
  }
  return bad("ASCII85", in.size(), "no ~> at the end");
}

base::Result<Bytes> undo_run_length(ByteView in, std::size_t size_max) {
  Bytes out;
  for (std::size_t at = 0; at < in.size();) {
    const std::size_t length = in[at++];
    if (length == 128) return out;
    const std::size_t run = length < 128 ? length + 1 : 257 - length;
    if (out.size() + run > size_max) return too_long(size_max);
    if (at + (length < 128 ? run : 1) > in.size()) return bad("RunLength", at, "run without end");
    if (length < 128) {
      base::append(out, in.subspan(at, run));
      at += run;
    } else {
      out.insert(out.end(), run, in[at++]);
    }
  }
  return bad("RunLength", in.size(), "no end marker");
}

base::Result<Bytes> undo_lzw(ByteView in, std::int64_t early, std::size_t size_max) {
  constexpr std::uint32_t kClear = 256, kEnd = 257, kCodes = 4096;
  struct Word {
    std::uint32_t begin, size;  // in out
  };
  std::vector<Word> words(kCodes);
  Bytes out;
  std::uint32_t next = 258, width = 9, held = 0, hold = 0;
  Word previous{0, 0};  // of size 0 where there is none
  for (std::size_t at = 0;;) {
    while (held < width) {
      if (at >= in.size()) return bad("LZW", at, "no end code");
      hold = hold << 8 | in[at++];
      held += 8;
    }
    const std::uint32_t code = hold >> (held - width) & ((1u << width) - 1);
    held -= width;
    if (code == kEnd) return out;
    if (code == kClear) {
      next = 258, width = 9;
      previous = {0, 0};
      continue;
    }
    const Word now{static_cast<std::uint32_t>(out.size()), 0};
    std::uint32_t size = 1;
    if (code < 256) {
      out.push_back(static_cast<std::uint8_t>(code));
    } else {
      if (previous.size == 0 || code > next || code >= kCodes)
        return bad("LZW", at, "code out of range");
      const Word from = code < next ? words[code] : Word{previous.begin, previous.size + 1};
      if (out.size() + from.size > size_max) return too_long(size_max);
      for (std::uint32_t i = 0; i < from.size; ++i) out.push_back(out[from.begin + i]);
      size = from.size;
    }
    if (out.size() > size_max) return too_long(size_max);
    if (previous.size != 0 && next < kCodes) words[next++] = {previous.begin, previous.size + 1};
    previous = Word{now.begin, size};
    const std::uint32_t soon = next + (early != 0 ? 1 : 0);
    width = soon >= 2048 ? 12 : soon >= 1024 ? 11 : soon >= 512 ? 10 : 9;
  }
}

struct Predictor {
  std::int64_t kind = 1, colors = 1, bits = 8, columns = 1;
};

base::Result<Predictor> predictor_of(const Dictionary* parameters) {
  Predictor predictor;
  if (!parameters) return predictor;
  const auto read = [&](std::string_view key, std::int64_t& into, std::int64_t maximum) {
    const Value* value = parameters->find(key);
    if (!value) return true;
    if (!value->integer() || *value->integer() < 1 || *value->integer() > maximum) return false;
    into = *value->integer();
    return true;
  };
  if (!read("Predictor", predictor.kind, 15) || !read("Colors", predictor.colors, 64) ||
      !read("BitsPerComponent", predictor.bits, 16) ||
      !read("Columns", predictor.columns, 10'000'000))
    return fail(Code::malformed, "predictor parameters out of range");
  if ((predictor.bits & (predictor.bits - 1)) != 0 || (predictor.kind > 2 && predictor.kind < 10))
    return fail(Code::malformed, "predictor parameters out of range");
  return predictor;
}

std::uint8_t paeth(int left, int up, int corner) {
  const int estimate = left + up - corner;
  const int a = std::abs(estimate - left), b = std::abs(estimate - up),
            c = std::abs(estimate - corner);
  return static_cast<std::uint8_t>(a <= b && a <= c ? left : b <= c ? up : corner);
}

base::Result<Bytes> undo_png(ByteView in, std::size_t row, std::size_t pixel) {
  if (in.empty()) return Bytes{};  // before a row is allocated: its size is only stated
  if (in.size() % (row + 1) != 0)
    return fail(Code::malformed, "PNG predictor: data of " + std::to_string(in.size()) +
                                     " octets is no whole number of rows of " +
                                     std::to_string(row + 1));
  Bytes out(in.size() / (row + 1) * row);
  const Bytes zeros(row, 0);
  const std::uint8_t* above = zeros.data();
  std::uint8_t* now = out.data();
  for (std::size_t at = 0; at < in.size(); at += row + 1, above = now, now += row) {
    const ByteView line = in.subspan(at + 1, row);
    const std::uint8_t type = in[at];
    if (type > 4) return bad("PNG predictor", at, "unknown row type");
    for (std::size_t i = 0; i < row; ++i) {
      const int left = i >= pixel ? now[i - pixel] : 0;
      const int corner = i >= pixel ? above[i - pixel] : 0;
      const int add = type == 0   ? 0
                      : type == 1 ? left
                      : type == 2 ? above[i]
                      : type == 3 ? (left + above[i]) / 2
                                  : paeth(left, above[i], corner);
      now[i] = static_cast<std::uint8_t>(line[i] + add);
    }
  }
  return out;
}

base::Result<Bytes> undo_tiff(Bytes data, const Predictor& predictor, std::size_t row) {
  if (data.size() % row != 0) return fail(Code::malformed, "TIFF predictor: no whole rows");
  if (predictor.bits != 8)
    return fail(Code::unsupported,
                "TIFF predictor with " + std::to_string(predictor.bits) + " bits");
  const auto colors = static_cast<std::size_t>(predictor.colors);
  for (std::size_t at = 0; at < data.size(); at += row)
    for (std::size_t i = colors; i < row; ++i)
      data[at + i] = static_cast<std::uint8_t>(data[at + i] + data[at + i - colors]);
  return data;
}

base::Result<Bytes> undo_predictor(Bytes data, const Dictionary* parameters) {
  HEQI_TRY(const Predictor predictor, predictor_of(parameters));
  if (predictor.kind == 1) return data;
  const auto bits = static_cast<std::size_t>(predictor.colors * predictor.bits);
  const std::size_t row = (bits * static_cast<std::size_t>(predictor.columns) + 7) / 8;
  if (predictor.kind == 2) return undo_tiff(std::move(data), predictor, row);
  return undo_png(data, row, std::max<std::size_t>(1, bits / 8));
}

base::Result<Bytes> undo_flate(ByteView in, std::size_t size_max) {
  HEQI_TRY(Inflated inflated, inflate_zlib(in, size_max));
  // An end-of-line counted into /Length is common; anything else behind the data is not.
  const ByteView rest = in.subspan(inflated.used);
  if (rest.size() > 2 || !std::all_of(rest.begin(), rest.end(), is_space))
    return bad("Flate", inflated.used, std::to_string(rest.size()) + " octets after the end");
  return std::move(inflated.octets);
}

bool is_picture_filter(std::string_view name) {
  return name == "DCTDecode" || name == "JPXDecode" || name == "CCITTFaxDecode" ||
         name == "JBIG2Decode";
}

base::Result<Bytes> undo_one(const FilterStep& step, ByteView in, const Limits& limits) {
  if (step.name == "FlateDecode") {
    HEQI_TRY(Bytes plain, undo_flate(in, limits.decoded_size));
    return undo_predictor(std::move(plain), step.parameters);
  }
  if (step.name == "LZWDecode") {
    const Value* early = step.parameters ? step.parameters->find("EarlyChange") : nullptr;
    HEQI_TRY(Bytes plain,
             undo_lzw(in, early && early->integer() ? *early->integer() : 1, limits.decoded_size));
    return undo_predictor(std::move(plain), step.parameters);
  }
  if (step.name == "ASCIIHexDecode") return undo_hexadecimal(in);
  if (step.name == "ASCII85Decode") {
    HEQI_TRY(Bytes plain, undo_ascii85(in));
    if (plain.size() > limits.decoded_size) return too_long(limits.decoded_size);
    return plain;
  }
  if (step.name == "RunLengthDecode") return undo_run_length(in, limits.decoded_size);
  return fail(Code::unsupported, "filter /" + step.name);
}

}  // namespace

base::Result<Decoded> undo_filters(ByteView raw, const std::vector<FilterStep>& steps,
                                   const Limits& limits) {
  if (steps.size() > limits.filters)
    return fail(Code::limit_exceeded, "a stream with " + std::to_string(steps.size()) + " filters");
  Decoded decoded;
  bool first = true;
  for (const FilterStep& step : steps) {
    if (is_picture_filter(step.name)) {
      decoded.left = step.name;
      break;
    }
    HEQI_TRY(decoded.octets, undo_one(step, first ? raw : ByteView(decoded.octets), limits));
    first = false;
  }
  if (first) decoded.octets = base::to_bytes(raw);
  return decoded;
}

base::Result<std::vector<FilterStep>> direct_filters(const Dictionary& dictionary) {
  std::vector<FilterStep> steps;
  const Value* filter = dictionary.find("Filter");
  const Value* parameters = dictionary.find("DecodeParms");
  if (!filter || filter->is_null()) return steps;
  if (const Name* name = filter->name()) {
    steps.push_back({name->text, nullptr});
  } else if (const Array* array = filter->array()) {
    for (const Value& item : array->items) {
      if (!item.name()) return fail(Code::malformed, "/Filter holds something that is no name");
      steps.push_back({item.name()->text, nullptr});
    }
  } else {
    return fail(Code::malformed, "/Filter is neither a name nor an array");
  }
  if (!parameters || parameters->is_null()) return steps;
  if (const Dictionary* one = parameters->dictionary()) {
    if (steps.size() != 1) return fail(Code::malformed, "one /DecodeParms for several filters");
    steps[0].parameters = one;
  } else if (const Array* array = parameters->array()) {
    if (array->items.size() != steps.size())
      return fail(Code::malformed, "/DecodeParms and /Filter of different length");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Value& item = array->items[i];
      if (!item.is_null() && !item.dictionary())
        return fail(Code::malformed, "/DecodeParms holds something that is no dictionary");
      steps[i].parameters = item.dictionary();
    }
  } else {
    return fail(Code::malformed, "/DecodeParms is neither a dictionary nor an array");
  }
  return steps;
}

}  // namespace heqi::documents::pdf
