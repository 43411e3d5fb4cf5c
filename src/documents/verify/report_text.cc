#include <heqi/documents/verify/report_text.h>

#include <heqi/base/text.h>

namespace heqi::documents::verify {

namespace {

std::string_view english_of(Verdict verdict) {
  constexpr std::string_view words[] = {
      "VALID: every signature holds, its time is proved, and nothing was changed.",
      "VALID WITH NOTES: every signature holds; read the notes.",
      "INDETERMINATE: something that is needed for a judgement is missing.",
      "INVALID: do not rely on this document.", "NO SIGNATURE: nobody has signed this document."};
  return words[static_cast<std::size_t>(verdict)];
}

std::string_view chinese_of(Verdict verdict) {
  constexpr std::string_view words[] = {"有效：所有签名均成立，时间已证明，内容未被修改。",
                                        "有效但有提示：所有签名均成立，请阅读提示。",
                                        "无法判定：缺少作出判断所需的信息。",
                                        "无效：请勿信赖本文件。", "无签名：本文件没有任何签名。"};
  return words[static_cast<std::size_t>(verdict)];
}

// Writer puts English, Chinese or both on a line.
class Writer {
 public:
  explicit Writer(Language language) : language_(language) {}

  void line(std::string_view indent, std::string_view english, std::string_view chinese) {
    out_ += indent;
    out_ += both(english, chinese);
    out_ += '\n';
  }
  void value(std::string_view english, std::string_view chinese, std::string_view value) {
    if (value.empty()) return;
    out_ += "  " + both(english, chinese) + ": " + shown(value) + '\n';
  }
  void blank() { out_ += '\n'; }
  void findings(const std::vector<Finding>& findings, std::string_view indent) {
    constexpr std::string_view marks[] = {"(i) ", "(?) ", "(!) "};
    for (const Finding& finding : findings) {
      const ReasonText& text = text_of(finding.reason);
      out_ += indent;
      out_ += marks[static_cast<std::size_t>(text.severity)];
      out_ += both(text.english, text.chinese);
      if (!finding.evidence.empty()) out_ += " [" + shown(finding.evidence) + "]";
      if (finding.offset)
        out_ += " " + both("at octet ", "位于字节 ") + std::to_string(*finding.offset);
      out_ += '\n';
    }
  }
  std::string take() { return std::move(out_); }

  // shown is text without control characters and direction marks.
  static std::string shown(std::string_view text) {
    if (!base::is_utf8(text)) return "?";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto octet = static_cast<unsigned char>(text[i]);
      const std::string_view three = text.substr(i, 3);
      const bool c1 =
          octet == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
      const bool mark = (three >= "\xE2\x80\xAA" && three <= "\xE2\x80\xAE") ||
                        (three >= "\xE2\x81\xA6" && three <= "\xE2\x81\xA9") ||
                        three == "\xE2\x80\x8E" || three == "\xE2\x80\x8F" ||
                        three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9";
      if (octet < 0x20 || octet == 0x7F) {
        out += ' ';
      } else if (c1) {
        out += ' ', ++i;
      } else if (mark && three.size() == 3) {
        out += ' ', i += 2;
      } else {
        out += text[i];
      }
    }
    return out;
  }

 private:
  std::string both(std::string_view english, std::string_view chinese) const {
    if (language_ == Language::english) return std::string(english);
    if (language_ == Language::chinese) return std::string(chinese);
    return std::string(english) + " / " + std::string(chinese);
  }

  Language language_;
  std::string out_;
};

std::string time_text(const std::optional<base::Time>& time) {
  return time ? base::to_rfc3339(*time) : std::string();
}

void write_signature(Writer& writer, const SignatureReport& one, std::size_t number) {
  writer.blank();
  const bool stamp = one.kind == SignatureKind::document_time_stamp;
  const std::string count = std::to_string(number);
  writer.line("",
              (stamp ? "Document time-stamp " : "Signature ") + count + ": " +
                  std::string(name_of(one.verdict)),
              (stamp ? "文档时间戳 " : "签名 ") + count + "：" + std::string(name_of(one.verdict)));
  writer.value("Field", "签名域", one.field);
  if (one.signer) {
    writer.value("Signer", "签名人", one.signer->common_name);
    writer.value("Certificate", "证书主体", one.signer->subject);
    writer.value("Issued by", "颁发者", one.signer->issuer);
    writer.value("Serial number", "序列号", one.signer->serial);
  }
  if (one.seal_used) {
    writer.value("Seal", "印章", one.seal_used->name + " (" + one.seal_used->id + ")");
    if (one.seal_used->maker)
      writer.value("Seal made by", "制章者", one.seal_used->maker->common_name);
  }
  writer.value("Reason", "签名理由", one.reason.value_or(""));
  writer.value("Location", "签名地点", one.location.value_or(""));
  writer.value("Claimed time", "自称时间", time_text(one.claimed_time));
  writer.value("Proved time", "已证明时间", time_text(one.best_time));
  if (one.time_stamp_authority)
    writer.value("Time-stamp authority", "时间戳机构", one.time_stamp_authority->common_name);
  writer.value("Archived until", "长期有效至", time_text(one.archived_until));
  if (one.revision) writer.value("Signed revision", "所签版本", std::to_string(*one.revision + 1));
  std::string axes;
  const auto axis = [&](std::string_view name, std::string_view value) {
    axes += (axes.empty() ? "" : ", ") + std::string(name) + " " + std::string(value);
  };
  axis("format", name_of(one.format));
  axis("integrity", name_of(one.integrity));
  axis("signature", name_of(one.signature));
  axis("coverage", name_of(one.coverage));
  axis("later_changes", name_of(one.later_changes));
  axis("permissions", name_of(one.permissions));
  axis("certificate", name_of(one.certificate));
  axis("time", name_of(one.time));
  axis("ltv", name_of(one.ltv));
  if (one.seal != Seal::not_applicable) axis("seal", name_of(one.seal));
  axis("policy", name_of(one.policy));
  writer.value("Axes", "各项结论", axes);
  writer.findings(one.findings, "  ");
}

}  // namespace

std::string to_text(const Report& report, Language language) {
  Writer writer(language);
  writer.line("", english_of(report.verdict), chinese_of(report.verdict));
  writer.value("As of", "验证时间", base::to_rfc3339(report.evaluated_at));
  writer.value("Octets", "字节数", std::to_string(report.size));
  writer.value("SM3", "SM3", report.digest);
  writer.value("Signatures", "签名数", std::to_string(report.signatures.size()));
  for (const std::string& name : report.unsigned_fields)
    writer.value("Not signed yet", "尚未签名的域", name);
  writer.findings(report.findings, "  ");
  for (std::size_t i = 0; i < report.signatures.size(); ++i)
    write_signature(writer, report.signatures[i], i + 1);
  return writer.take();
}

}  // namespace heqi::documents::verify
