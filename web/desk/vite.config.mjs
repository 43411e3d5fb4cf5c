import vue from '@vitejs/plugin-vue';
import { site } from '../site.mjs';

export default site('desk', { base: '/desk/', plugins: [vue()] });
