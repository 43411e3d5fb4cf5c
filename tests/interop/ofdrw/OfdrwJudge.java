// Asks ofdrw, another implementation of OFD, about files: are the digests, the values of the signatures and the
// seals right? Says of each file, with tabs between: the path; valid, invalid or unsigned; why; how many seals
// their maker's signature holds for; and the stamps as page@boundary/clip in millimetres.
import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.ofdrw.core.signatures.SigType;
import org.ofdrw.gm.ses.parse.SESVersion;
import org.ofdrw.gm.ses.parse.SESVersionHolder;
import org.ofdrw.gm.ses.parse.VersionParser;
import org.ofdrw.gm.ses.v4.SES_Signature;
import org.ofdrw.gm.ses.v4.SESeal;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.reader.model.StampAnnotEntity;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.SignedDataValidateContainer;
import org.ofdrw.sign.verify.container.GBT35275ValidateContainer;
import org.ofdrw.sign.verify.container.SESV1ValidateContainer;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;
import org.ofdrw.sign.verify.exceptions.DocNotSignException;

public class OfdrwJudge {
  static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

  // Seals asks the container that fits a value, and counts the seals whose maker has signed them.
  static class Seals implements SignedDataValidateContainer {
    int held = 0;

    public void validate(SigType type, String algorithm, byte[] toSign, byte[] value)
        throws GeneralSecurityException, java.io.IOException {
      if (type == SigType.Sign) {
        new GBT35275ValidateContainer().validate(type, algorithm, toSign, value);
        return;
      }
      SESVersionHolder version = VersionParser.parseSES_SignatureVersion(value);
      if (version.getVersion() == SESVersion.v1) {
        new SESV1ValidateContainer().validate(type, algorithm, toSign, value);
        return;
      }
      new SESV4ValidateContainer().validate(type, algorithm, toSign, value);
      sealHolds(SES_Signature.getInstance(value).getToSign().getEseal());
      held++;
    }

    // GB/T 38540 6.4: the maker signs eSealInfo. ofdrw takes the seal apart; BouncyCastle verifies.
    static void sealHolds(SESeal seal) throws GeneralSecurityException, java.io.IOException {
      java.security.Signature maker =
          java.security.Signature.getInstance(seal.getSignAlgID().getId(), PROVIDER);
      maker.initVerify(CertificateFactory.getInstance("X.509", PROVIDER)
          .generateCertificate(new ByteArrayInputStream(seal.getCert().getOctets())));
      maker.update(seal.geteSealInfo().getEncoded("DER"));
      if (!maker.verify(seal.getSignedValue().getOctets()))
        throw new GeneralSecurityException("the maker's signature of the seal does not hold");
    }
  }

  static String verdict(Path file, Seals seals) {
    try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
      validator.setValidator(seals);
      validator.exeValidate();
      return "valid\t";
    } catch (DocNotSignException none) {
      return "unsigned\t";
    } catch (Exception refused) {
      return "invalid\t" + String.valueOf(refused.getMessage()).replaceAll("\\s+", " ");
    }
  }

  static List<String> stamps(Path file) {
    List<String> out = new ArrayList<>();
    try (OFDReader reader = new OFDReader(file)) {
      for (StampAnnotEntity entity : reader.getStampAnnots())
        entity.getStampAnnots().forEach(one ->
            out.add(one.getPageRef() + "@" + one.getBoundary() + "/" + one.getClip()));
    } catch (Exception refused) {
      out.add(String.valueOf(refused.getMessage()).replaceAll("\\s+", " "));
    }
    return out;
  }

  public static void main(String[] files) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String file : files) {
      Seals seals = new Seals();
      String verdict = verdict(Path.of(file), seals);
      out.println(file + "\t" + verdict + "\t" + seals.held + "\t" + stamps(Path.of(file)));
    }
  }
}
