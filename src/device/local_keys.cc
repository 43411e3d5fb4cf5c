#include <heqi/device/local_keys.h>

#include "der.h"

namespace heqi::device {

using base::Code;
using base::Result;

base::Bytes encode_local_request(const LocalRequest& request) {
  return der::message([&](asn1::Writer& w) {
    w.enumerated(static_cast<std::int64_t>(request.service)).utf8_string(request.name);
    w.octet_string(request.data);
  });
}

Result<LocalRequest> parse_local_request(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, kLocalDataSizeMax + 1024));
  LocalRequest request;
  HEQI_TRY(const std::int64_t service, in.enumerated());
  if (service < 1 || service > 4) return der::at(in, Code::unsupported, "an unknown service");
  request.service = static_cast<LocalService>(service);
  HEQI_TRY(request.name, der::read_text(in, kLocalNameMax));
  if (request.name.empty()) return der::at(in, Code::malformed, "a key without a name");
  HEQI_TRY(request.data, der::read_bytes(in, kLocalDataSizeMax));
  HEQI_TRY(in.finish());
  return request;
}

base::Bytes encode_local_lines(const std::vector<LocalKeyLine>& lines) {
  return der::message([&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& list) {
      for (const LocalKeyLine& line : lines)
        list.sequence(
            [&](asn1::Writer& one) { one.utf8_string(line.name).octet_string(line.public_key); });
    });
  });
}

Result<std::vector<LocalKeyLine>> parse_local_lines(base::ByteView encoded) {
  HEQI_TRY(asn1::Reader in, der::read_message(encoded, 64 * 1024));
  HEQI_TRY(asn1::Reader list, in.sequence());
  std::vector<LocalKeyLine> lines;
  while (!list.at_end()) {
    if (lines.size() == kLocalKeysMax) return der::at(list, Code::limit_exceeded, "local keys");
    HEQI_TRY(asn1::Reader one, list.sequence());
    LocalKeyLine line;
    HEQI_TRY(line.name, der::read_text(one, kLocalNameMax));
    HEQI_TRY(line.public_key, der::read_bytes(one, crypto::kPointSize));
    HEQI_TRY(one.finish());
    lines.push_back(std::move(line));
  }
  HEQI_TRY(in.finish());
  return lines;
}

}  // namespace heqi::device
