export { AuthModule } from './auth.module.js';
export { AuthService } from './auth.service.js';
export { SocketAdmission } from './socket-admission.js';
