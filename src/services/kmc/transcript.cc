#include <heqi/services/kmc/transcript.h>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

namespace heqi::services::kmc {
namespace {

void add_number(crypto::Sm3& hash, std::uint64_t number) {
  std::uint8_t octets[8];
  for (int i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  hash.update(octets);
}

base::Bytes digest_of(const Line& line, base::ByteView before) {
  crypto::Sm3 hash;
  hash.update(before);
  add_number(hash, static_cast<std::uint64_t>(line.number));
  add_number(hash, static_cast<std::uint64_t>(base::micros(line.at)));
  for (const std::string* field : {&line.event, &line.subject, &line.who, &line.detail}) {
    add_number(hash, field->size());
    hash.update(base::bytes_of(*field));
  }
  const crypto::Digest digest = hash.finish();
  return {digest.begin(), digest.end()};
}

}  // namespace

base::Status append(sql::Transaction& tx, Line line) {
  HEQI_TRY(const std::optional<sql::Row> last,
           tx.find_row("SELECT number, digest FROM kmc_transcript ORDER BY number DESC LIMIT 1"));
  line.number = last ? last->int64(0) + 1 : 1;
  line.digest = digest_of(line, last ? last->bytes(1) : base::Bytes());
  HEQI_TRY(tx.execute(
      "INSERT INTO kmc_transcript (number, at, event, subject, who, detail, digest) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      line.number, line.at, line.event, line.subject, line.who, line.detail, line.digest));
  return {};
}

base::Result<std::vector<Line>> read_transcript(sql::Database& database) {
  HEQI_TRY(const std::vector<sql::Row> rows, database.with_snapshot([](sql::Transaction& tx) {
    return tx.query(
        "SELECT number, at, event, subject, who, detail, digest FROM kmc_transcript "
        "ORDER BY number");
  }));
  std::vector<Line> lines;
  for (const sql::Row& row : rows)
    lines.push_back({.number = row.int64(0),
                     .at = row.time(1),
                     .event = row.text(2),
                     .subject = row.text(3),
                     .who = row.text(4),
                     .detail = row.text(5),
                     .digest = row.bytes(6)});
  return lines;
}

base::Status verify_transcript(const std::vector<Line>& lines) {
  base::Bytes before;
  std::int64_t number = 0;
  for (const Line& line : lines) {
    if (line.number != ++number || digest_of(line, before) != line.digest)
      return base::fail(base::Code::invalid_signature,
                        "line " + std::to_string(number) + " of the transcript does not fit");
    before = line.digest;
  }
  return {};
}

void write_line(base::JsonWriter& json, const Line& line) {
  json.begin_object()
      .field("number", line.number)
      .field("at", base::to_rfc3339(line.at))
      .field("event", line.event)
      .field("key", line.subject)
      .field("who", line.who)
      .field("detail", line.detail)
      .field("sm3", base::to_hex(line.digest))
      .end_object();
}

}  // namespace heqi::services::kmc
