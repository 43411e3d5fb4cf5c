#include <heqi/device/commands.h>

#include <heqi/base/error_id.h>
#include <heqi/device/channel.h>
#include <heqi/device/list_messages.h>

#include "der.h"

namespace heqi::device {
namespace {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

constexpr std::size_t kTextMax = 2048, kDisplaysSizeMax = 256 * 1024;

void write_display(Writer& out, const Display& display) {
  out.sequence([&](Writer& w) {
    w.enumerated(static_cast<std::int64_t>(display.kind)).utf8_string(display.transaction_id);
    w.utf8_string(display.title).integer(static_cast<std::int64_t>(display.size));
    w.octet_string(display.digest).utf8_string(display.code).utf8_string(display.application);
    w.utf8_string(display.content_type);
    der::write_optional_time(w, 0, display.expires);
    der::write_optional_count(w, 1, display.tries_left);
  });
}

Result<Display> read_display(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  Display display;
  HEQI_TRY(const std::int64_t kind, inner.enumerated());
  if (kind < 1 || kind > 9) return der::at(inner, Code::unsupported, "an unknown display");
  display.kind = static_cast<Display::Kind>(kind);
  HEQI_TRY(display.transaction_id, inner.utf8_string());
  HEQI_TRY(display.title, inner.utf8_string());
  HEQI_TRY(display.size, der::read_number(inner, der::kCounterMax));
  HEQI_TRY(display.digest, der::read_array<crypto::kSm3Size>(inner));
  HEQI_TRY(display.code, inner.utf8_string());
  HEQI_TRY(display.application, inner.utf8_string());
  HEQI_TRY(display.content_type, inner.utf8_string());
  HEQI_TRY(display.expires, der::read_optional_time(inner, 0));
  HEQI_TRY(display.tries_left, der::read_optional_count(inner, 1));
  HEQI_TRY(inner.finish());
  return display;
}

void write_step(Writer& w, const Step& step) {
  w.enumerated(static_cast<std::int64_t>(step.kind));
  w.enumerated(static_cast<std::int64_t>(step.destination)).octet_string(step.message);
  w.utf8_string(step.outcome).utf8_string(base::error_id(step.refusal));
  der::write_optional_time(w, 0, step.retry_at);
  if (step.display) w.explicit_tag(1, [&](Writer& inner) { write_display(inner, *step.display); });
  der::write_optional_count(w, 2, step.tries_left);
}

Result<Step> read_step(Reader& in) {
  Step step;
  HEQI_TRY(const std::int64_t kind, in.enumerated());
  HEQI_TRY(const std::int64_t destination, in.enumerated());
  if (kind < 1 || kind > 6 || destination < 1 || destination > 3)
    return der::at(in, Code::unsupported, "an unknown step");
  step.kind = static_cast<Step::Kind>(kind);
  step.destination = static_cast<Destination>(destination);
  HEQI_TRY(step.message, der::read_bytes(in, kEnvelopeSizeMax));
  HEQI_TRY(step.outcome, in.utf8_string());
  HEQI_TRY(const std::string refusal, in.utf8_string());
  step.refusal = base::find_error(refusal).value_or(Code::internal);
  HEQI_TRY(step.retry_at, der::read_optional_time(in, 0));
  HEQI_TRY(std::optional<Reader> display, in.explicit_tag(1));
  if (display) {
    HEQI_TRY(step.display, read_display(*display));
    HEQI_TRY(display->finish());
  }
  HEQI_TRY(step.tries_left, der::read_optional_count(in, 2));
  HEQI_TRY(in.finish());
  return step;
}

void write_information(Writer& w, const Information& information) {
  w.enumerated(static_cast<std::int64_t>(information.stage));
  w.utf8_string(information.app_id).utf8_string(information.platform_id);
  w.utf8_string(information.key_id).octet_string(information.certificate);
  w.utf8_string(information.waiting_transaction).utf8_string(information.stop_reason);
}

Result<Information> read_information(Reader& in) {
  Information information;
  HEQI_TRY(const std::int64_t stage, in.enumerated());
  if (stage < 0 || stage > 6) return der::at(in, Code::unsupported, "an unknown stage");
  information.stage = static_cast<Stage>(stage);
  HEQI_TRY(information.app_id, in.utf8_string());
  HEQI_TRY(information.platform_id, in.utf8_string());
  HEQI_TRY(information.key_id, in.utf8_string());
  HEQI_TRY(information.certificate, der::read_bytes(in, kCertificateSizeMax));
  HEQI_TRY(information.waiting_transaction, in.utf8_string());
  HEQI_TRY(information.stop_reason, in.utf8_string());
  HEQI_TRY(in.finish());
  return information;
}

}  // namespace

// Written by hand, not with Writer, whose growing buffer would leave copies of the PIN behind.
base::SecretBytes encode_command(const Command& command) {
  Writer head;
  head.integer(der::kVersion).enumerated(static_cast<std::int64_t>(command.type));
  head.utf8_string(command.text).octet_string(command.digest).octet_string(command.message);
  HEQI_CHECK(command.pin.size() <= kFactorsSizeMax);
  const bool is_long = command.pin.size() >= 0x80;  // its length takes a second octet
  const std::size_t content = head.bytes().size() + (is_long ? 3 : 2) + command.pin.size();
  Bytes start = {0x30};  // X.690 §8.1.3
  if (content < 0x80) {
    start.push_back(static_cast<std::uint8_t>(content));
  } else {
    std::size_t octets = 1;
    while (content >> (8 * octets) != 0) ++octets;
    start.push_back(static_cast<std::uint8_t>(0x80 + octets));
    for (; octets > 0; --octets)
      start.push_back(static_cast<std::uint8_t>(content >> (8 * (octets - 1))));
  }
  base::SecretBytes out(start.size() + content);
  auto place = out.expose_mutable().begin();
  place = std::copy(start.begin(), start.end(), place);
  place = std::copy(head.bytes().begin(), head.bytes().end(), place);
  *place++ = 0x04;
  if (is_long) *place++ = 0x81;
  *place++ = static_cast<std::uint8_t>(command.pin.size());
  std::copy(command.pin.expose().begin(), command.pin.expose().end(), place);
  return out;
}

Result<Command> parse_command(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kCommandSizeMax));
  Command command;
  HEQI_TRY(const std::int64_t type, in.enumerated());
  if (type < 1 || type > static_cast<std::int64_t>(kLastCommandType))
    return der::at(in, Code::unsupported, "an unknown command");
  command.type = static_cast<CommandType>(type);
  HEQI_TRY(command.text, der::read_text(in, kTextMax));
  HEQI_TRY(command.digest, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(command.message, der::read_bytes(in, kEnvelopeSizeMax));
  HEQI_TRY(const ByteView pin, in.octet_string());
  if (pin.size() > kFactorsSizeMax) return der::at(in, Code::limit_exceeded, "PIN and factors");
  command.pin = base::SecretBytes::copy_of(pin);
  HEQI_TRY(in.finish());
  return command;
}

Bytes encode_displays(const std::vector<Display>& displays) {
  return der::message([&](Writer& w) {
    w.sequence([&](Writer& list) {
      for (const Display& display : displays) write_display(list, display);
    });
  });
}

Result<std::vector<Display>> parse_displays(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kDisplaysSizeMax));
  HEQI_TRY(Reader list, in.sequence());
  std::vector<Display> displays;
  while (!list.at_end()) {
    if (displays.size() == kListItemsMax)
      return der::at(list, Code::limit_exceeded,
                     "more than " + std::to_string(kListItemsMax) + " documents");
    HEQI_TRY(displays.emplace_back(), read_display(list));
  }
  if (displays.empty()) return der::at(list, Code::malformed, "an empty list");
  HEQI_TRY(in.finish());
  return displays;
}

Bytes encode_reply(const Reply& reply) {
  return der::message([&](Writer& w) {
    if (reply.failure) {
      const Bytes failure = encode_failure(*reply.failure);
      w.explicit_tag(0, [&](Writer& inner) { inner.raw(failure); });
    } else if (reply.information) {
      w.explicit_tag(1, [&](Writer& inner) { write_information(inner, *reply.information); });
    } else if (reply.step) {
      w.explicit_tag(2, [&](Writer& inner) { write_step(inner, *reply.step); });
    } else {
      w.explicit_tag(3, [&](Writer& inner) { inner.octet_string(reply.data); });
    }
  });
}

Result<Reply> parse_reply(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kCommandSizeMax));
  Reply reply;
  for (unsigned number = 0; number <= 3; ++number) {
    HEQI_TRY(std::optional<Reader> inner, in.explicit_tag(number));
    if (!inner) continue;
    if (number == 0) {
      HEQI_TRY(reply.failure, parse_failure(inner->rest()));
    } else if (number == 1) {
      HEQI_TRY(reply.information, read_information(*inner));
    } else if (number == 2) {
      HEQI_TRY(reply.step, read_step(*inner));
    } else {
      HEQI_TRY(reply.data, der::read_bytes(*inner, kDataSizeMax));
    }
    HEQI_TRY(in.finish());
    return reply;
  }
  return der::at(in, Code::malformed, "a reply without content");
}

}  // namespace heqi::device
