// PDFBox with BouncyCastle reads a signed file: one line per signature, "field: ok" or "field: why not".
// Started from source: java -cp … PdfBoxJudge.java FILE
import java.io.File;
import java.nio.file.Files;
import java.security.Security;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;

public class PdfBoxJudge {
  static boolean holds(CMSSignedData message) throws Exception {
    SignerInformation signer = message.getSignerInfos().getSigners().iterator().next();
    X509CertificateHolder certificate =
        (X509CertificateHolder) message.getCertificates().getMatches(signer.getSID()).iterator().next();
    return signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate));
  }

  static String judge(PDSignature signature, byte[] file) throws Exception {
    byte[] contents = signature.getContents(file);
    byte[] content = signature.getSignedContent(file);
    if (signature.getSubFilter().equals("ETSI.RFC3161")) {
      TimeStampToken token = new TimeStampToken(new CMSSignedData(contents));
      return holds(token.toCMSSignedData()) ? "ok" : "the token does not verify";
    }
    return holds(new CMSSignedData(new CMSProcessableByteArray(content), contents))
        ? "ok" : "does not verify";
  }

  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    byte[] file = Files.readAllBytes(new File(arguments[0]).toPath());
    try (PDDocument document = PDDocument.load(file)) {
      for (PDSignatureField field : document.getSignatureFields()) {
        if (field.getSignature() == null) continue;
        String said;
        try {
          said = judge(field.getSignature(), file);
        } catch (Exception problem) {
          said = problem.toString();
        }
        System.out.println(field.getFullyQualifiedName() + ": " + said);
      }
    }
  }
}
