import '../shared/theme.css';
import { markDocument } from '../shared/i18n';

markDocument();
