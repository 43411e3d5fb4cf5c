// Asks ofdrw, another implementation of OFD, about files: are digests, seals and signature values right?
// One line for each: the file, "valid" or "invalid: why", and the stamps that it sees.
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ofdrw.core.signatures.sig.Signature;
import org.ofdrw.reader.OFDReader;
import org.ofdrw.reader.model.StampAnnotEntity;
import org.ofdrw.sign.verify.OFDValidator;
import org.ofdrw.sign.verify.container.GBT35275ValidateContainer;
import org.ofdrw.sign.verify.container.SESV4ValidateContainer;
import org.ofdrw.core.signatures.SigType;
import org.ofdrw.sign.verify.SignedDataValidateContainer;

public class OfdrwJudge {
  // ByType asks the container that the type of a signature calls for.
  static SignedDataValidateContainer byType() {
    SignedDataValidateContainer seals = new SESV4ValidateContainer(),
        messages = new GBT35275ValidateContainer();
    return (type, algorithm, toSign, value) ->
        (type == SigType.Sign ? messages : seals).validate(type, algorithm, toSign, value);
  }

  static String verdict(Path file) {
    try (OFDReader reader = new OFDReader(file); OFDValidator validator = new OFDValidator(reader)) {
      validator.setValidator(byType());
      validator.exeValidate();
      return "valid";
    } catch (Exception refused) {
      return "invalid: " + refused.getMessage();
    }
  }

  static List<String> stamps(Path file) {
    List<String> out = new ArrayList<>();
    try (OFDReader reader = new OFDReader(file)) {
      for (StampAnnotEntity entity : reader.getStampAnnots())
        entity.getStampAnnots().forEach(one ->
            out.add(one.getPageRef() + "@" + one.getBoundary() + "/" + one.getClip()));
    } catch (Exception refused) {
      out.add(refused.toString());
    }
    return out;
  }

  public static void main(String[] files) {
    for (String file : files) {
      Path path = Path.of(file);
      System.out.println(path.getFileName() + "\t" + verdict(path) + "\t" + stamps(path));
    }
  }
}
