// A second stranger: BouncyCastle reads and verifies what the pki layer writes. One line per file:
// "name: ok …" or "name: why not". Started from source: java -cp … Judge.java FOLDER
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentVerifierProvider;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.tsp.TimeStampToken;

public class Judge {
  interface Check {
    String run() throws Exception;
  }

  static void judge(String name, Check check) {
    try {
      System.out.println(name + ": " + check.run());
    } catch (Exception problem) {
      System.out.println(name + ": " + problem);
    }
  }

  static String word(boolean holds) {
    return holds ? "ok" : "does not verify";
  }

  static ContentVerifierProvider keyOf(X509CertificateHolder certificate) throws Exception {
    return new JcaContentVerifierProviderBuilder().setProvider("BC").build(certificate);
  }

  static boolean holds(SignerInformation signer, X509CertificateHolder certificate)
      throws Exception {
    return signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate));
  }

  public static void main(String[] arguments) throws Exception {
    Security.addProvider(new BouncyCastleProvider());
    Path folder = Path.of(arguments[0]);
    byte[] content = Files.readAllBytes(folder.resolve("content"));
    X509CertificateHolder issuing = certificate(folder, "issuing.der");
    X509CertificateHolder alice = certificate(folder, "alice.der");
    X509CertificateHolder tsa = certificate(folder, "tsa.der");
    X509CertificateHolder ocsp = certificate(folder, "ocsp.der");
    judge("certificate", () -> word(alice.isSignatureValid(keyOf(issuing))));
    judge("list", () -> {
      X509CRLHolder list = new X509CRLHolder(Files.readAllBytes(folder.resolve("list.der")));
      boolean there = list.getRevokedCertificate(alice.getSerialNumber()) != null;
      return word(there && list.isSignatureValid(keyOf(issuing)));
    });
    judge("answer", () -> {
      OCSPResp outer = new OCSPResp(Files.readAllBytes(folder.resolve("answer.der")));
      BasicOCSPResp answer = (BasicOCSPResp) outer.getResponseObject();
      return word(answer.isSignatureValid(keyOf(ocsp)) && answer.getResponses().length == 1);
    });
    judge("token", () -> {
      byte[] der = Files.readAllBytes(folder.resolve("token.der"));
      TimeStampToken token = new TimeStampToken(new CMSSignedData(der));
      token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(tsa));
      return "ok " + token.getTimeStampInfo().getGenTime().getTime();
    });
    judge("message", () -> {
      byte[] der = Files.readAllBytes(folder.resolve("message.der"));
      CMSSignedData message = new CMSSignedData(new CMSProcessableByteArray(content), der);
      return word(holds(message.getSignerInfos().getSigners().iterator().next(), alice));
    });
    judge("tampered", () -> {
      byte[] der = Files.readAllBytes(folder.resolve("message.der"));
      CMSSignedData message = new CMSSignedData(new CMSProcessableByteArray(new byte[1]), der);
      return word(holds(message.getSignerInfos().getSigners().iterator().next(), alice));
    });
  }

  static X509CertificateHolder certificate(Path folder, String name) throws Exception {
    return new X509CertificateHolder(Files.readAllBytes(folder.resolve(name)));
  }
}
