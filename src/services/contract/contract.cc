#include <heqi/services/contract/contract.h>

namespace heqi::services::contract {

std::string_view to_text(Order order) {
  return order == Order::any ? "any" : "sequence";
}

base::Result<Order> parse_order(std::string_view text) {
  if (text == "any") return Order::any;
  if (text == "sequence") return Order::sequence;
  return base::fail(base::Code::malformed, "order is \"any\" or \"sequence\"");
}

namespace {

struct FormatRow {
  SignatureFormat format;
  std::string_view text, reader;  // reader: the row of documents/pdf/filter_names.def
};
constexpr FormatRow kFormats[] = {{SignatureFormat::pades, "pades", "adobe"},
                                  {SignatureFormat::gm, "gm", "adobe-gm"},
                                  {SignatureFormat::gm_pkilite, "gm-pkilite", "gm-pkilite"}};

const FormatRow& row_of(SignatureFormat format) {
  return kFormats[static_cast<std::size_t>(format)];
}

}  // namespace

std::string_view to_text(SignatureFormat format) {
  return row_of(format).text;
}

base::Result<SignatureFormat> parse_signature_format(std::string_view text) {
  for (const FormatRow& row : kFormats)
    if (row.text == text) return row.format;
  return base::fail(base::Code::malformed,
                    "signature_format is \"pades\", \"gm\" or \"gm-pkilite\"");
}

const documents::pdf::FilterNames& names_of(SignatureFormat format) {
  const documents::pdf::FilterNames* names =
      documents::pdf::find_filter_names(row_of(format).reader);
  HEQI_CHECK(names != nullptr);
  return *names;
}

base::Result<Contract> load_contract(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT owner, title, signing_order, state, original, current, turn_party, "
                       "turn_until, reason, created_at, expires_at, ended_at, signature_format "
                       "FROM contract_contracts WHERE id = ?1 {for_update}",
                       id));
  if (!row) return base::fail(base::Code::not_found, "no such contract");
  Contract out;
  out.id = id;
  out.owner = row->text(0);
  out.title = row->text(1);
  HEQI_TRY(out.order, parse_order(row->text(2)));
  out.state = row->text(3);
  out.original = row->text(4);
  out.current = row->text(5);
  if (const auto turn = row->optional_int64(6)) out.turn_party = static_cast<int>(*turn);
  out.turn_until = row->optional_time(7);
  out.reason = row->text(8);
  out.created_at = row->time(9);
  out.expires_at = row->time(10);
  out.ended_at = row->optional_time(11);
  if (const auto format = row->optional_text(12)) {
    HEQI_TRY(out.format, parse_signature_format(*format));
  }
  HEQI_TRY(const std::vector<sql::Row> parties,
           tx.query("SELECT position, person_id, name, field, state, failure, attempt, "
                    "transaction_id, prepared, signed_at, reminded_at, box_width_tenth_mm, "
                    "box_height_tenth_mm FROM contract_parties "
                    "WHERE contract_id = ?1 ORDER BY position",
                    id));
  for (const sql::Row& party : parties) {
    out.parties.push_back({.position = static_cast<int>(party.int64(0)),
                           .person_id = party.text(1),
                           .name = party.text(2),
                           .field = party.text(3),
                           .state = party.text(4),
                           .failure = party.text(5),
                           .attempt = static_cast<int>(party.int64(6)),
                           .transaction_id = party.optional_text(7),
                           .prepared = party.optional_text(8),
                           .signed_at = party.optional_time(9),
                           .reminded_at = party.optional_time(10)});
    if (const auto width = party.optional_int64(11), height = party.optional_int64(12);
        width && height) {
      out.parties.back().box_width_mm = static_cast<double>(*width) / 10;
      out.parties.back().box_height_mm = static_cast<double>(*height) / 10;
    }
  }
  return out;
}

base::Status add_history(sql::Transaction& tx, const std::string& id, base::Time at,
                         std::string_view act, std::string_view actor, std::string_view detail) {
  HEQI_TRY(
      tx.execute("INSERT INTO contract_events (contract_id, at, act, actor, detail) "
                 "VALUES (?1, ?2, ?3, ?4, ?5)",
                 id, at, act, actor, detail));
  return {};
}

}  // namespace heqi::services::contract
