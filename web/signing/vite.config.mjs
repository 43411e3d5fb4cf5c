import { site } from '../site.mjs';

export default site('signing');
