import { site } from '../site.mjs';

export default site('verify', { base: '/verify/' });
