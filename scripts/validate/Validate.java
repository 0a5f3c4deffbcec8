import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.enumerations.TimestampType;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Judges signed files with two validators that owe nothing to ours: DSS, the European Commission's library for
 * signatures (ETSI EN 319 102-1), and veraPDF, the reference for PDF/A (ISO 19005).
 *
 * <p>Nothing is fetched: the files must carry their own proof. Usage: {@code Validate root.pem file.pdf…}. One JSON
 * object is written per line and file.
 */
public final class Validate {
    public static void main(String[] arguments) throws Exception {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(arguments[0])));
        VeraGreenfieldFoundryProvider.initialise();
        for (int n = 1; n < arguments.length; n++) {
            Map<String, Object> found = new TreeMap<>();
            found.put("file", arguments[n]);
            signatures(arguments[n], trusted, found);
            archival(arguments[n], found);
            System.out.println(json(found));
        }
    }

    private static void signatures(String path, CommonTrustedCertificateSource trusted, Map<String, Object> found) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setAIASource(null);
        verifier.setCrlSource(null);
        verifier.setOcspSource(null);
        DSSDocument document = new FileDocument(path);
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(document);
        validator.setCertificateVerifier(verifier);
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        List<Object> signatures = new ArrayList<>();
        for (String id : simple.getSignatureIdList()) {
            Map<String, Object> one = new TreeMap<>();
            var read = reports.getDiagnosticData().getSignatureById(id);
            one.put("field", String.join(" ", read.getSignatureFieldNames()));
            one.put("indication", String.valueOf(simple.getIndication(id)));
            one.put("subindication", simple.getSubIndication(id) == null ? "" : simple.getSubIndication(id).name());
            one.put("level", String.valueOf(simple.getSignatureFormat(id)));
            one.put("errors", texts(simple.getAdESValidationErrors(id)));
            one.put("warnings", texts(simple.getAdESValidationWarnings(id)));
            one.put("certifies", read.getPDFRevision() != null && read.getDocMDPPermissions() != null);
            signatures.add(one);
        }
        found.put("signatures", signatures);
        List<Object> stamps = new ArrayList<>();
        for (TimestampWrapper stamp : reports.getDiagnosticData().getTimestampList()) {
            Map<String, Object> one = new TreeMap<>();
            one.put("type", stamp.getType().name());
            one.put("indication", String.valueOf(simple.getIndication(stamp.getId())));
            one.put("covers_document", stamp.getType() == TimestampType.DOCUMENT_TIMESTAMP);
            one.put("errors", texts(simple.getAdESValidationErrors(stamp.getId())));
            stamps.add(one);
        }
        found.put("timestamps", stamps);
    }

    private static void archival(String path, Map<String, Object> found) throws Exception {
        try (InputStream content = new FileInputStream(path);
                PDFAParser parser = Foundries.defaultInstance().createParser(content);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(parser.getFlavour(), false)) {
            ValidationResult result = validator.validate(parser);
            found.put("flavour", parser.getFlavour().getId());
            found.put("compliant", result.isCompliant());
            Map<String, Integer> failures = new TreeMap<>(Comparator.naturalOrder());
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    failures.merge(assertion.getRuleId().getClause() + " " + assertion.getMessage(), 1, Integer::sum);
                }
            }
            found.put("failures", new ArrayList<Object>(failures.keySet()));
        }
    }

    private static List<Object> texts(List<Message> messages) {
        List<Object> said = new ArrayList<>();
        messages.forEach(message -> said.add(message.getValue()));
        return said;
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> parts = new ArrayList<>();
            map.forEach((key, one) -> parts.add(json(key) + ":" + json(one)));
            return "{" + String.join(",", parts) + "}";
        }
        if (value instanceof List<?> list) {
            List<String> parts = new ArrayList<>();
            list.forEach(one -> parts.add(json(one)));
            return "[" + String.join(",", parts) + "]";
        }
        if (value instanceof Boolean) {
            return value.toString();
        }
        StringBuilder out = new StringBuilder("\"");
        for (char c : String.valueOf(value).toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
