// Attacks on what is inside a package that is well-formed.
#include "zip_forger.h"

namespace heqi::documents::ofd {
namespace {

constexpr std::string_view kPage = "Doc_0/Pages/Page_0/Content.xml",
                           kList = "Doc_0/Signs/Signatures.xml",
                           kFirst = "Doc_0/Signs/Sign_0/Signature.xml",
                           kValue = "Doc_0/Signs/Sign_0/SignedValue.dat",
                           kSeal = "Doc_0/Signs/Sign_0/Seal.esl";

NewEntry text_entry(std::string_view name, std::string_view text) {
  return {std::string(name), base::to_bytes(text)};
}

std::vector<Attack> on_content(const Bytes& file) {
  return {
      {"an amount changed", [=] { return edited(file, kPage, "壹万元整", "壹元整"); },
       Reason::digest_mismatch},
      {"a space added", [=] { return edited(file, kPage, "<ofd:Content>", "<ofd:Content> "); },
       Reason::digest_mismatch},
      {"a resource exchanged",
       [=] {
         return edited(file, "Doc_0/DocumentRes.xml", "<ofd:MultiMedias>", "<ofd:MultiMedia>");
       },
       Reason::digest_mismatch},
      {"a page taken out of the document",
       [=] {
         return edited(file, "Doc_0/Document.xml", "BaseLoc=\"Pages/Page_1/Content.xml\"",
                       "BaseLoc=\"Pages/Page_2/Content.xml\"");
       },
       Reason::digest_mismatch},
      {"a part taken away", [=] { return without(file, "Doc_0/PublicRes.xml"); },
       Reason::reference_missing},
      {"a part added", [=] { return with(file, {text_entry("Doc_0/Annots.xml", "<x/>")}); },
       Reason::parts_open},
      {"a template added",
       [=] { return with(file, {text_entry("Doc_0/Tpls/Tpl_0/Content.xml", "<x/>")}); },
       Reason::parts_open},
      {"another root of the document",
       [=] {
         const Bytes more =
             with(file, {text_entry("Doc_1/Document.xml", part(file, "Doc_0/Document.xml"))});
         return edited(more, "OFD.xml", "Doc_0/Document.xml", "Doc_1/Document.xml");
       },
       Code::malformed},
      {"a second document",
       [=] {
         const std::string body =
             "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
         return edited(file, "OFD.xml", "</ofd:OFD>", body);
       },
       Reason::digest_mismatch},
      {"two roots in one document",
       [=] {
         return edited(file, "OFD.xml", "<ofd:DocRoot>",
                       "<ofd:DocRoot>Doc_0/Evil.xml</ofd:DocRoot><ofd:DocRoot>");
       },
       Code::malformed},
  };
}

std::vector<Attack> on_signature(const Bytes& file) {
  const auto change = [=](std::string_view from, std::string_view to) {
    return [=] { return edited(file, kFirst, from, to); };
  };
  return {
      {"a stamp moved", change("Boundary=\"60 60 40 40\"", "Boundary=\"60 160 40 40\""),
       Reason::digest_mismatch},
      {"a stamp on another page",
       [=] {
         const std::string text = part(file, kFirst);
         const std::size_t at = text.find("PageRef=\"") + 9;
         return edited(file, kFirst, text.substr(at - 9, text.find('"', at) - at + 10),
                       "PageRef=\"9999\"");
       },
       Reason::stamp_malformed},
      {"a stamp clipped away",
       change("Boundary=\"60 60 40 40\"", "Boundary=\"60 60 40 40\" Clip=\"0 0 0.1 0.1\""),
       Reason::digest_mismatch},
      {"a stamp twice",
       [=] {
         const std::string text = part(file, kFirst);
         const std::size_t at = text.find("<ofd:StampAnnot");
         const std::string stamp = text.substr(at, text.find("/>", at) + 2 - at);
         return edited(file, kFirst, stamp, stamp + stamp);
       },
       Reason::digest_mismatch},
      {"a reference taken out",
       [=] {
         const std::string text = part(file, kFirst);
         const std::size_t at = text.find("<ofd:Reference ");
         return edited(file, kFirst, text.substr(at, text.find("</ofd:Reference>") + 16 - at), "");
       },
       Reason::parts_open},
      {"a reference twice",
       [=] {
         const std::string text = part(file, kFirst);
         const std::size_t at = text.find("<ofd:Reference ");
         const std::string one = text.substr(at, text.find("</ofd:Reference>") + 16 - at);
         return edited(file, kFirst, one, one + one);
       },
       Reason::reference_twice},
  };
}

std::vector<Attack> on_signature_form(const Bytes& file) {
  const auto change = [=](std::string_view from, std::string_view to) {
    return [=] { return edited(file, kFirst, from, to); };
  };
  return {
      {"digests by another method",
       change("CheckMethod=\"1.2.156.10197.1.401\"", "CheckMethod=\"MD5\""),
       Reason::algorithm_weak},
      {"digests by no method", change("CheckMethod=\"1.2.156.10197.1.401\"", ""),
       Reason::algorithm_weak},
      {"digests by a method nobody has",
       change("CheckMethod=\"1.2.156.10197.1.401\"", "CheckMethod=\"CRC32\""),
       Reason::algorithm_unsupported},
      {"a value elsewhere", change("Sign_0/SignedValue.dat", "Sign_9/SignedValue.dat"),
       Reason::signature_part_malformed},
      {"a page passed off as the seal",
       change("/Doc_0/Signs/Sign_0/Seal.esl</ofd:BaseLoc>",
              "/Doc_0/Pages/Page_0/Content.xml</ofd:BaseLoc>"),
       Reason::seal_file_differs},
      {"a reference out of the package",
       change("FileRef=\"/OFD.xml\"", "FileRef=\"../../../../OFD.xml\""),
       Reason::signature_part_malformed},
      {"a document type in the signature",
       change("<ofd:Signature ",
              "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"
              "<ofd:Signature "),
       Reason::signature_part_malformed},
      {"two lists of references", change("</ofd:References>", "</ofd:References><ofd:References/>"),
       Reason::signature_part_malformed},
      {"no references",
       [=] {
         const std::string text = part(file, kFirst);
         const std::size_t at = text.find("<ofd:Reference "), end = text.find("</ofd:References>");
         return edited(file, kFirst, text.substr(at, end - at), "");
       },
       Reason::signature_part_malformed},
  };
}

std::vector<Attack> on_lists(SealingDesk& desk, const Bytes& file, const Bytes& two) {
  const Bytes other = desk.sealed(contract(3, "贰万元整"));
  return {
      {"the list emptied",
       [=] { return with(file, {text_entry(kList, "<ofd:Signatures xmlns:ofd=\"x\"/>")}); },
       Reason::signature_unlisted},
      {"the second signature taken off the list",
       [=] {
         const std::string text = part(two, kList);
         const std::size_t at = text.rfind("<ofd:Signature ");
         return edited(two, kList, text.substr(at, text.find("/>", at) + 2 - at), "");
       },
       Reason::signature_unlisted},
      {"the list and all signatures taken away", [=] { return without(file, "Doc_0/Signs/"); },
       Reason::signature_removed},
      {"one signature listed twice",
       [=] {
         const std::string text = part(file, kList);
         const std::size_t at = text.find("<ofd:Signature ");
         const std::string one = text.substr(at, text.find("/>", at) + 2 - at);
         return edited(file, kList, one, one + one);
       },
       Code::malformed},
      {"a page listed as a signature", [=] { return edited(file, kList, kFirst, kPage); },
       Reason::signature_part_malformed},
      {"a signature of another type",
       [=] { return edited(file, kList, "Type=\"Seal\"", "Type=\"X\""); }, Code::malformed},
      {"the value of another document",
       [=] { return with(file, {text_entry(kValue, part(other, kValue))}); },
       Reason::digest_mismatch},
      {"signature and value of another document",
       [=] {
         return with(file, {text_entry(kValue, part(other, kValue)),
                            text_entry(kFirst, part(other, kFirst)),
                            text_entry(kSeal, part(other, kSeal))});
       },
       Reason::digest_mismatch},
      {"a value that is empty", [=] { return with(file, {text_entry(kValue, "")}); },
       Reason::signature_part_malformed},
      {"a value with a tail",
       [=] { return with(file, {text_entry(kValue, part(file, kValue) + "tail")}); },
       Reason::signature_part_malformed},
      {"a value that is two numbers",
       [=] {
         return with(file, {{std::string(kValue), testing::hex("3006020101020101")}});
       },
       Reason::signer_unidentified},
      {"a value that is text", [=] { return with(file, {text_entry(kValue, "VALID")}); },
       Reason::signature_part_malformed},
      {"another seal beside the signature",
       [=] { return with(file, {text_entry(kSeal, part(other, kSeal))}); },
       Reason::seal_file_differs},
      {"the first signature taken out",
       [=] {
         const std::string text = part(two, kList);
         const std::size_t at = text.find("<ofd:Signature ");
         const Bytes gone = edited(two, kList, text.substr(at, text.find("/>", at) + 2 - at), "");
         return without(gone, "Doc_0/Signs/Sign_0/");
       },
       Reason::reference_missing},
  };
}

// shows: ECP-DOC-2   mutant: tests/mutants/ECP-DOC-2.coverage
TEST(PartAttack, IsNeverValid) {
  SealingDesk desk;
  const Bytes file = desk.sealed(contract());
  const Bytes two = desk.signed_by(file, desk.mallory);
  ASSERT_EQ(desk.verify(two).verdict, Verdict::valid) << words(desk.verify(two));
  expect_caught(on_content(file), desk.options());
  expect_caught(on_content(desk.signed_by(contract(), desk.alice)), desk.options());
  expect_caught(on_signature(file), desk.options());
  expect_caught(on_signature_form(file), desk.options());
  expect_caught(on_lists(desk, file, two), desk.options());
}

// shows: ECP-DOC-2   mutant: tests/mutants/ECP-DOC-2.closing
TEST(PartAttack, ASecondSignatureThatBreaksAClosingOneIsSeen) {
  SealingDesk desk;
  const Bytes closed = desk.sealed(contract(), {.closing = Closing::close});
  ASSERT_EQ(desk.verify(closed).verdict, Verdict::valid);
  const std::string list = part(closed, kList);
  // What a careless signer does: his own files, his line in the list, and references to all others.
  std::string mine = part(desk.sealed(contract()), kFirst);
  const Bytes broken = with(
      edited(closed, kList, "</ofd:Signatures>",
             "<ofd:Signature ID=\"9\" Type=\"Seal\" BaseLoc=\"/Doc_0/Signs/Sign_9/Signature.xml\"/>"
             "</ofd:Signatures>"),
      {text_entry("Doc_0/Signs/Sign_9/Signature.xml", mine)});
  const Report report = desk.verify(broken);
  EXPECT_EQ(report.verdict, Verdict::invalid);
  EXPECT_EQ(report.signatures[0].integrity, verify::Integrity::digest_mismatch) << words(report);
}

// A signer who lies on purpose: his arithmetic is right, his list of references is his own choice.
TEST(PartAttack, AnInsiderWhoLeavesPartsOpenIsNotValid) {
  SealingDesk desk;
  const SignatureRequest request = desk.signing(desk.alice);
  const std::vector<std::string> open = {"OFD.xml", "Doc_0/Document.xml", std::string(kPage),
                                         "Doc_0/PublicRes.xml", "Doc_0/Res/"};
  for (const std::string& name : open) {
    SCOPED_TRACE(name);
    Prepared prepared = must(prepare_signature(contract(), request));
    std::string text(base::text_of(prepared.signature_xml));
    const std::size_t at = text.find("<ofd:Reference FileRef=\"/" + name);
    ASSERT_NE(at, std::string::npos);
    text.erase(at, text.find("</ofd:Reference>", at) + 16 - at);
    prepared.signature_xml = base::to_bytes(text);
    prepared.package = with(prepared.package, {{prepared.part, prepared.signature_xml}});
    x509::SignedAttributes attributes = must(x509::parse_signed_attributes(prepared.to_sign));
    const crypto::Digest digest = crypto::sm3(prepared.signature_xml);
    attributes.message_digest.assign(digest.begin(), digest.end());
    prepared.to_sign = must(x509::encode_signed_attributes(attributes));
    const Report report = desk.verify(desk.finish(prepared, desk.alice));
    EXPECT_EQ(report.verdict, Verdict::indeterminate) << words(report);
    EXPECT_EQ(report.signatures[0].coverage, verify::Coverage::partial);
    EXPECT_EQ(report.signatures[0].open_parts.size(), 1U);
  }
}

}  // namespace
}  // namespace heqi::documents::ofd
