// make_ofd_seeds FOLDER: small inputs for the fuzz targets of OFD files and seals, one folder for
// each target: what they start from, and what the tests replay (fuzz/corpus).
#include <cstdio>

#include "ofd_seeds.h"

namespace heqi::documents::ofd {
namespace {

using seal::Foreign;
using seal::Layout;

Bytes small_document(std::size_t pages = 1) {
  NewDocument out;
  out.title = "x";
  for (std::size_t i = 0; i < pages; ++i)
    out.pages.push_back({40, 40, {{1, 5, 3, "x"}}, {{1, 1, 9, 1}}, {}});
  return must(make_document(out));
}

// ---- signed files

// with_anchor adds the root: the target trusts it in a second run.
Bytes with_anchor(const Seeds& seeds, ByteView file) {
  const ByteView root = seeds.desk.authority.root().certificate.der();
  return with(file, {{"anchor.der", base::to_bytes(root)}});
}

void save_signed(Seeds& seeds) {
  SealingDesk& desk = seeds.desk;
  const auto save = [&](const std::string& name, ByteView file) {
    seeds.save("ofd_verify", name, with_anchor(seeds, file));
  };
  const Bytes plain = small_document();
  const Bytes sealed = desk.sealed(plain), named = desk.signed_by(plain, desk.alice);
  const std::string own = "Doc_0/Signs/Sign_0/", xml = own + "Signature.xml",
                    value = own + "SignedValue.dat";
  save("sealed_anchor", sealed);
  save("signed_anchor", named);
  save("closed", desk.sealed(plain, {.closing = Closing::close}));
  save("twice", desk.signed_by(sealed, desk.mallory));
  save("claimed", desk.signed_by(plain, desk.alice, {.time_stamp = false}));
  save("claimed_seal", desk.sealed(plain, {.time_stamp = false}));
  const Signing later{.time = at("2027-06-01T12:00:00Z")};
  save("future", desk.signed_by(plain, desk.alice, later));
  for (const auto& [method, title] :
       {std::pair("SHA1", "sha1"), {"x", "no_method"}, {"", "md5"}, {"sm3", "lower"}})
    save(title, edited(named, xml, "1.2.156.10197.1.401", method));
  save("paths", edited(named, xml, "FileRef=\"/", "FileRef=\""));
  save("gone", edited(named, xml, "FileRef=\"/OFD.xml", "FileRef=\"/OFD.no"));
  save("no_provider", edited(named, xml, "ofd:Provider", "ofd:Prov"));
  save("no_name", edited(named, xml, "ProviderName", "Name"));
  save("no_value", edited(named, xml, "SignedValue.dat", "None.dat"));
  save("changed", edited(named, "OFD.xml", "<ofd:Title>x", "<ofd:Title>y"));
  save("no_page", edited(sealed, xml, "PageRef=\"", "PageRef=\"9"));
  save("unseen", edited(sealed, xml, "Boundary=\"60", "Boundary=\"900"));
  save("no_seal_file", edited(sealed, xml, "Seal.esl", "None.esl"));
  save("other_seal_file", with(sealed, {{own + "Seal.esl", Bytes{1}}}));
  save("bare", with(named, {{value, Bytes{0x30, 6, 2, 1, 1, 2, 1, 1}}}));
  save("unknown", with(named, {{value, Bytes{0x04, 0}}}));
  save("cut_message", with(named, {{value, Bytes{0x30, 2, 6, 0}}}));
  save("cut_seal", with(sealed, {{value, Bytes{0x30, 2, 0x30, 0}}}));
  Bytes broken =
      base::to_bytes(part(desk.signed_by(plain, desk.alice, {.time_stamp = false}), value));
  broken.back() ^= 1;
  save("broken", with(named, {{value, broken}}));
  const Bytes signature_xml = base::to_bytes(part(sealed, xml));
  for (const Layout layout : {Layout::v1, Layout::v5}) {
    const Foreign foreign{.layout = layout};
    save(layout == Layout::v1 ? "v1" : "v5",
         with(sealed, {{value, foreign.sealed(foreign.seal(desk.request(), desk.maker),
                                              signature_xml, desk.alice)}}));
  }
  const Foreign unknown{.algorithm = asn1::Oid::of("1.2.3")};
  save("no_algorithm",
       with(sealed, {{value, unknown.sealed(unknown.seal(desk.request(), desk.maker), signature_xml,
                                            desk.alice)}}));
  save("list", edited(named, "Doc_0/Signs/Signatures.xml", "Type=\"Sign\"", "Type=\"Sing\""));
  const Prepared prepared = must(prepare_signature(plain, desk.signing(desk.alice)));
  const Bytes made = must(desk.alice.signer->sign(prepared.to_sign));
  save("token_of_another",
       must(finish_signature(prepared, desk.alice.signer->algorithm(), made,
                             desk.authority.make_time_stamp(plain, kSealedAt))));
  save("removed", without(named, "Doc_0/Signs/Signatures.xml"));
  save("xml", edited(named, xml, "ofd:SignedInfo", "ofd:Info"));
  Bytes outside = with_anchor(seeds, named);
  base::append(outside, Bytes{1, 2, 3});
  seeds.save("ofd_verify", "outside", outside);
  save("swapped", edited(named, "Doc_0/Signs/Signatures.xml", "Type=\"Sign\"", "Type=\"Seal\""));
}

// ---- pages

Bytes page_of(std::string_view inside, std::string_view before = "") {
  return base::to_bytes("<ofd:Page xmlns:ofd=\"x\">" + std::string(before) +
                        "<ofd:Content><ofd:Layer>" + std::string(inside) +
                        "</ofd:Layer></ofd:Content></ofd:Page>");
}

void save_pages(Seeds& seeds) {
  const std::string line =
      "<ofd:PathObject Boundary=\"1 1 9 9\"><ofd:AbbreviatedData>M 0 0 L 5 "
      "5</ofd:AbbreviatedData></ofd:PathObject>";
  const std::string annotations =
      "<ofd:Annotations xmlns:ofd=\"x\"><ofd:Page "
      "PageID=\"4\"><ofd:FileLoc>a.xml</ofd:FileLoc></ofd:Page>"
      "<ofd:Page PageID=\"4\"><ofd:FileLoc>none.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>";
  const std::string annotation =
      "<ofd:PageAnnot xmlns:ofd=\"x\"><ofd:Annot><ofd:Appearance Boundary=\"1 1 9 9\">" + line +
      "</ofd:Appearance></ofd:Annot><ofd:Annot Visible=\"false\"/></ofd:PageAnnot>";
  const Bytes plain = small_document();
  std::string document = part(plain, "Doc_0/Document.xml");
  const std::string pages = "</ofd:CommonData>";
  document.replace(document.find(pages), pages.size(),
                   "<ofd:TemplatePage ID=\"8\" BaseLoc=\"T/t.xml\"/><ofd:TemplatePage ID=\"9\" "
                   "BaseLoc=\"T/u.xml\"/>"
                   "</ofd:CommonData><ofd:Annotations>Annots/all.xml</ofd:Annotations>");
  const std::string uses =
      "<ofd:Template TemplateID=\"8\"/><ofd:Template TemplateID=\"9\"/>"
      "<ofd:Template TemplateID=\"8\" ZOrder=\"Foreground\"/><ofd:PageRes>/r.xml</ofd:PageRes>";
  const std::string resources =
      "<ofd:Res xmlns:ofd=\"x\" BaseLoc=\"R\"><ofd:Fonts><ofd:Font ID=\"51\" "
      "FontName=\"x\"><ofd:FontFile>f.ttf</ofd:FontFile>"
      "</ofd:Font></ofd:Fonts><ofd:MultiMedias><ofd:MultiMedia "
      "ID=\"52\"><ofd:MediaFile>p.png</ofd:MediaFile></ofd:MultiMedia>"
      "<ofd:MultiMedia "
      "ID=\"53\"><ofd:MediaFile>p.jb2</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>"
      "<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit "
      "ID=\"54\"/></ofd:CompositeGraphicUnits></ofd:Res>";
  const std::string objects =
      "<ofd:TextObject Boundary=\"1 1 9 9\" Font=\"51\" Size=\"3\"><ofd:TextCode X=\"1\" "
      "Y=\"3\">ab</ofd:TextCode></ofd:TextObject>"
      "<ofd:ImageObject Boundary=\"1 1 9 9\" CTM=\"9 0 0 9 0 0\" ResourceID=\"52\"/>"
      "<ofd:ImageObject Boundary=\"1 1 9 9\" CTM=\"9 0 0 9 0 0\" ResourceID=\"53\"/>";
  seeds.save("ofd_render", "whole",
             with(plain, {{"Doc_0/Document.xml", base::to_bytes(document)},
                          {"Doc_0/T/t.xml", page_of(line, "<ofd:PageRes>none.xml</ofd:PageRes>")},
                          {"Doc_0/Annots/all.xml", base::to_bytes(annotations)},
                          {"Doc_0/Annots/a.xml", base::to_bytes(annotation)},
                          {"r.xml", base::to_bytes(resources)},
                          {"R/f.ttf", Bytes{1, 2, 3}},
                          {"R/p.png", seal::one_pixel()},
                          {"R/p.jb2", base::to_bytes("\x97JB2\r\n\x1a\n")},
                          {"Doc_0/Pages/Page_0/Content.xml", page_of(objects, uses)}}));
  const std::string parameters =
      "<ofd:PathObject Boundary=\"1 1 9 9\" Fill=\"true\" DrawParam=\"11\"><ofd:AbbreviatedData>M "
      "0 0 L 5 5</ofd:AbbreviatedData>"
      "</ofd:PathObject><ofd:PathObject Boundary=\"1 1 9 9\" Cap=\"Square\" "
      "DrawParam=\"99\"><ofd:AbbreviatedData>M 0 0 L 5 5"
      "</ofd:AbbreviatedData></ofd:PathObject><ofd:PathObject Boundary=\"1 1 9 9\" "
      "DrawParam=\"12\"><ofd:AbbreviatedData>M 0 0 L 5 5"
      "</ofd:AbbreviatedData></ofd:PathObject><ofd:ImageObject Boundary=\"1 1 9 9\" CTM=\"9 0 0 9 "
      "0 0\" ResourceID=\"21\"/>"
      "<ofd:ImageObject Boundary=\"1 1 9 9\" ResourceID=\"22\"/><ofd:PathObject/><ofd:PathObject "
      "Boundary=\"1 1 9 9\"/>";
  seeds.save("ofd_render", "parameters", base::to_bytes(parameters));
  const std::string hard =
      "<ofd:PathObject Boundary=\"1 1 9 9\"><ofd:AbbreviatedData>M "
      "M</ofd:AbbreviatedData></ofd:PathObject>"
      "<ofd:PathObject Boundary=\"1 1 9 "
      "9\"><ofd:Clips><ofd:Clip><ofd:Area/></ofd:Clip></ofd:Clips></ofd:PathObject>"
      "<ofd:PathObject Boundary=\"1 1 9 9\" CTM=\"1 0\" "
      "Fill=\"true\"><ofd:FillColor><ofd:Pattern/></ofd:FillColor>"
      "<ofd:AbbreviatedData>M 0 0 L 5 5</ofd:AbbreviatedData></ofd:PathObject>"
      "<ofd:TextObject Boundary=\"1 1 9 9\" Font=\"77\" Size=\"3\" Fill=\"false\"><ofd:TextCode "
      "X=\"1\" Y=\"3\">\xF0\xA0\x80\x80</ofd:TextCode>"
      "</ofd:TextObject>";
  seeds.save("ofd_render", "hard", base::to_bytes(hard));
}

// save_stamps: seals on pages, with a picture that is an OFD, a clip, and values that are none.
void save_stamps(Seeds& seeds) {
  SealingDesk& desk = seeds.desk;
  const Bytes plain = small_document();
  const auto sealed_with = [&](const std::string& type, const Bytes& data) {
    SignatureRequest wish = desk.sealing(desk.alice);
    seal::SealRequest made = desk.request();
    made.info.picture.type = type, made.info.picture.data = data;
    wish.seal = desk.make(made);
    wish.stamps = {{0, {5, 5, 9, 9}, Box{0, 0, 4, 9}}, {0, {15, 5, 9, 9}, std::nullopt}};
    return desk.perform(plain, wish, desk.alice, {.time_stamp = false});
  };
  const std::string own = "Doc_0/Signs/Sign_0/";
  const Bytes clipped = with(
      plain,
      {{"Doc_0/Pages/Page_0/Content.xml",
        page_of(
            "<ofd:PathObject Boundary=\"1 1 30 30\" "
            "Fill=\"true\"><ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary=\"0 0 9 9\">"
            "<ofd:AbbreviatedData>M 0 0 L 9 0 L 9 9 "
            "C</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips><ofd:FillColor>"
            "<ofd:AxialShd StartPoint=\"0 0\" EndPoint=\"9 0\"><ofd:Segment><ofd:Color Value=\"0 0 "
            "0\"/></ofd:Segment><ofd:Segment>"
            "<ofd:Color Value=\"9 9 "
            "9\"/></ofd:Segment></ofd:AxialShd></ofd:FillColor><ofd:AbbreviatedData>M 0 0 L 30 0 L "
            "30 30 C"
            "</ofd:AbbreviatedData></ofd:PathObject>")}});
  const Bytes nested = sealed_with("ofd", clipped);
  const auto save = [&](const std::string& name, const Bytes& file) {
    seeds.save("ofd_render", name, file);
  };
  save("stamp", sealed_with("PNG", seal::one_pixel()));
  save("stamp_ofd", nested);
  save("stamp_ofd_deep", sealed_with("ofd", nested));
  save("stamp_ofd_broken", sealed_with("ofd", Bytes{'P', 'K', 3, 4, 0}));
  save("stamp_no_value", with(nested, {{own + "SignedValue.dat", Bytes{1}}}));
  save("stamp_no_file", with(nested, {{own + "Signature.xml", base::to_bytes("<x/>")}}));
  save("stamp_no_list", with(nested, {{"Doc_0/Signs/Signatures.xml", base::to_bytes("<x/>")}}));
}

void save_texts(Seeds& seeds) {
  const std::pair<std::string, std::string_view> texts[] = {
      {"characters",
       "<?xml version=\"1.0\" "
       "encoding=\"UTF-8\"?><a>&#x1F600;&#20013;&lt;&gt;&amp;&quot;&apos;<![CDATA[<&]]></a>"},
      {"utf16", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>"},
      {"entity", "<a>&x;</a>"},
      {"no_character", "<a>&#xD800;</a>"},
      {"huge_character", "<a>&#x110000;</a>"},
      {"bad_digit", "<a>&#1a;</a>"},
      {"no_digits", "<a>&#;</a>"},
      {"doctype", "<!DOCTYPE a><a/>"},
      {"comments", "<!-- a --><?p?><a><!-- b --><?q?></a><!-- c -->"},
      {"bad_comment", "<a><!-- a -- b --></a>"},
      {"two_roots", "<a/><b/>"},
      {"other_end", "<a></b>"},
      {"twice", "<a b=\"1\" b='2'/>"},
      {"boxes",
       "<a Boundary=\"1 2 +3 4\" DeltaX=\"g 3 1.5 2 g 2 1\"><b DeltaX=\"g 9999999 1\"/><c "
       "DeltaX=\"g 1\"/></a>"},
      {"colons", "<a:b:c/>"},
      {"no_quotes", "<a b=1/>"},
      {"less", "<a b=\"<\"/>"},
      {"no_space", "<a b=\"1\"c=\"2\"/>"},
      {"references", "../Res/./a.xml"},
      {"out", "../../../a"},
      {"bracket", "<a>]]></a>"},
      {"control", "<a>\x01</a>"},
      {"latin", "<a>\xff</a>"},
      {"open", "<a><b>"},
      {"end_no_bracket", "<a></a x>"}};
  for (const auto& [name, text] : texts) seeds.save("ofd_xml", name, base::bytes_of(text));
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<a>";
  seeds.save("ofd_xml", "deep", base::bytes_of(deep));
}

void make(Seeds& seeds) {
  forge_packages(seeds), forge_seals(seeds);
  save_signed(seeds);
  save_pages(seeds), save_stamps(seeds);
  save_texts(seeds);
}

}  // namespace
}  // namespace heqi::documents::ofd

int main(int count, char** arguments) {
  if (count != 2) return 2;
  heqi::documents::ofd::Seeds seeds(arguments[1]);
  heqi::documents::ofd::make(seeds);
  if (!testing::Test::HasFailure()) return 0;
  std::fprintf(stderr, "make_ofd_seeds: what is above went wrong\n");
  return 1;
}
