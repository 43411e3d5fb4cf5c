import '../shared/theme.css';
import './signing.css';
import { markDocument } from '../shared/i18n';
import { openFrame } from './frame';
import { begin } from './journey';
import { trustOwnScripts } from './trusted';

trustOwnScripts();
markDocument();
const root = document.getElementById('app');
if (root) {
  openFrame(root);
  void begin();
}
